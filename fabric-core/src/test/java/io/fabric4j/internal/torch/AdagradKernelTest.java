package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.DataType;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The elementary operations run on the CPU here, where libtorch has a fused kernel too. */
class AdagradKernelTest {
  private static final int LENGTH = 1000;
  private static final FusedAdagradKernel.Constants CONSTANTS =
      new FusedAdagradKernel.Constants(0.1, 1e-10);

  private TorchThread thread;

  /** The memory of one optimizer. */
  private record Memory(FlatTensor parameters, FlatTensor gradients, FlatTensor sum)
      implements AutoCloseable {

    static Memory of(DataType type) {
      Memory memory =
          new Memory(
              FlatTensor.zeros(type, LENGTH),
              FlatTensor.zeros(type, LENGTH),
              FlatTensor.zeros(type, LENGTH));
      fill(memory.parameters, Math::sin);
      return memory;
    }

    @Override
    public void close() {
      List.of(parameters, gradients, sum).forEach(FlatTensor::close);
    }
  }

  @BeforeEach
  void load() {
    TorchLibrary.load();
    thread = TorchThread.enter(1, false);
  }

  @AfterEach
  void restore() {
    thread.close();
  }

  private static void fill(FlatTensor target, IntToDoubleFunction value) {
    try (FlatTensor doubles = FlatTensor.zeros(DataType.FLOAT64, LENGTH)) {
      for (int i = 0; i < LENGTH; i++) {
        doubles.bytes(8L * i, 8).putDouble(value.applyAsDouble(i));
      }
      target.copyFrom(doubles);
    }
  }

  private static double[] values(FlatTensor tensor) {
    double[] values = new double[LENGTH];
    try (FlatTensor doubles = FlatTensor.zeros(DataType.FLOAT64, LENGTH)) {
      doubles.copyFrom(tensor);
      doubles.bytes(0, 8 * LENGTH).asDoubleBuffer().get(values);
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"FLOAT32, 0, 1e-6", "FLOAT32, 0.1, 1e-6", "FLOAT64, 0, 1e-14", "FLOAT64, 0.1, 1e-14"})
  void equalsTheFusedKernel(DataType type, double weightDecay, double tolerance) {
    try (Memory expected = Memory.of(type);
        Memory actual = Memory.of(type);
        FusedKernel fused =
            new FusedAdagradKernel(
                CONSTANTS, expected.parameters, expected.gradients, expected.sum);
        FusedKernel kernel =
            new AdagradKernel(CONSTANTS, actual.parameters, actual.gradients, actual.sum)) {
      double[] before = values(actual.parameters);
      for (int step = 1; step <= 10; step++) {
        int phase = step;
        fill(expected.gradients, i -> Math.cos(0.7 * i + phase));
        actual.gradients.copyFrom(expected.gradients);
        fused.run(step, 0.05, weightDecay);
        kernel.run(step, 0.05, weightDecay);
      }
      assertThat(values(actual.parameters))
          .containsExactly(values(expected.parameters), within(tolerance))
          .isNotEqualTo(before);
      assertThat(values(actual.sum)).containsExactly(values(expected.sum), within(20 * tolerance));
    }
  }

  @Test
  void leavesGradientsAndElementsOutsideItsSliceAlone() {
    try (Memory memory = Memory.of(DataType.FLOAT32);
        FlatTensor parameters = memory.parameters.slice(10, 20);
        FlatTensor gradients = memory.gradients.slice(10, 20);
        FlatTensor sum = memory.sum.slice(10, 20);
        FusedKernel kernel = new AdagradKernel(CONSTANTS, parameters, gradients, sum)) {
      memory.gradients.fill(2);
      double[] before = values(memory.parameters);
      kernel.run(1, 0.1, 0.1);
      double[] after = values(memory.parameters);
      for (int i = 0; i < LENGTH; i++) {
        assertThat(after[i] != before[i]).as("element %d", i).isEqualTo(i >= 10 && i < 30);
      }
      assertThat(values(memory.gradients)).containsOnly(2);
    }
  }

  @Test
  void keepsNoNativeObjectsOfItsSteps() {
    try (Memory memory = Memory.of(DataType.FLOAT32);
        FusedKernel kernel =
            new AdagradKernel(CONSTANTS, memory.parameters, memory.gradients, memory.sum)) {
      kernel.run(1, 0.1, 0.1);
      long pointers = Pointer.totalCount();
      for (int step = 2; step < 100; step++) {
        kernel.run(step, 0.1, 0.1);
      }
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
    }
  }
}

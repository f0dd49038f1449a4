package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FusedKernelTest {
  private static final int LENGTH = 1000;
  private static final int CUT = 336;
  private static final long MAX_GROWTH_KIB = 64 * 1024;

  private TorchThread thread;

  /** The rules, each with its number of state tensors. */
  enum Rule {
    SGD(0),
    SGD_MOMENTUM(1),
    ADAM(2),
    ADAMW(2),
    ADAMW_AMSGRAD(3);

    private final int states;

    Rule(int states) {
      this.states = states;
    }

    FusedKernel bind(List<FlatTensor> t) {
      if (states < 2) {
        double momentum = states == 0 ? 0 : 0.9;
        return new FusedSGDKernel(
            new FusedSGDKernel.Constants(momentum, 0, states == 1),
            t.get(0),
            t.get(1),
            states == 0 ? null : t.get(2));
      }
      return new FusedAdamKernel(
          new FusedAdamKernel.Constants(0.9, 0.99, 1e-8, states == 3, this != ADAM),
          t.get(0),
          t.get(1),
          t.get(2),
          t.get(3),
          states == 3 ? t.get(4) : null);
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

  /** Returns parameters, gradients and states. */
  private static List<FlatTensor> tensors(Rule rule) {
    List<FlatTensor> tensors = new ArrayList<>();
    for (int k = 0; k < 2 + rule.states; k++) {
      tensors.add(FlatTensor.zeros(DataType.FLOAT32, LENGTH));
    }
    FloatBuffer parameters = floats(tensors.get(0));
    for (int i = 0; i < LENGTH; i++) {
      parameters.put((float) Math.sin(i));
    }
    return tensors;
  }

  private static void putGradients(FlatTensor gradients, int step) {
    FloatBuffer values = floats(gradients);
    for (int i = 0; i < LENGTH; i++) {
      values.put((float) Math.cos(0.7 * i + step));
    }
  }

  private static FloatBuffer floats(FlatTensor tensor) {
    return tensor.bytes(0, LENGTH * 4).asFloatBuffer();
  }

  private static List<float[]> values(List<FlatTensor> tensors) {
    return tensors.stream()
        .map(
            tensor -> {
              float[] values = new float[LENGTH];
              floats(tensor).get(values);
              return values;
            })
        .toList();
  }

  private static List<FlatTensor> slices(List<FlatTensor> tensors, int offset, int count) {
    return tensors.stream().map(tensor -> tensor.slice(offset, count)).toList();
  }

  @ParameterizedTest
  @EnumSource
  void slicesEqualTheWholeBuffer(Rule rule) {
    List<FlatTensor> whole = tensors(rule);
    List<FlatTensor> parts = tensors(rule);
    List<FlatTensor> head = slices(parts, 0, CUT);
    List<FlatTensor> tail = slices(parts, CUT, LENGTH - CUT);
    float[] before = values(whole).get(0);
    try (FusedKernel kernel = rule.bind(whole);
        FusedKernel first = rule.bind(head);
        FusedKernel second = rule.bind(tail)) {
      for (int step = 1; step <= 5; step++) {
        putGradients(whole.get(1), step);
        putGradients(parts.get(1), step);
        kernel.run(step, 0.01, 0.1);
        second.run(step, 0.01, 0.1);
        first.run(step, 0.01, 0.1);
      }
    }
    List<float[]> expected = values(whole);
    assertThat(expected.get(0)).isNotEqualTo(before);
    assertThat(values(parts)).usingRecursiveComparison().isEqualTo(expected);
    List.of(whole, parts, head, tail).forEach(list -> list.forEach(FlatTensor::close));
  }

  @ParameterizedTest
  @EnumSource
  void leavesElementsOutsideTheSliceAlone(Rule rule) {
    List<FlatTensor> tensors = tensors(rule);
    List<float[]> before = values(tensors);
    List<FlatTensor> middle = slices(tensors, CUT, 10);
    putGradients(tensors.get(1), 1);
    try (FusedKernel kernel = rule.bind(middle)) {
      kernel.run(1, 0.1, 0.1);
    }
    float[] after = values(tensors).get(0);
    for (int i = 0; i < LENGTH; i++) {
      boolean inside = i >= CUT && i < CUT + 10;
      assertThat(after[i] != before.get(0)[i]).as("element %d", i).isEqualTo(inside);
    }
    List.of(tensors, middle).forEach(list -> list.forEach(FlatTensor::close));
  }

  /**
   * Live pointers are counted exactly. The bound on memory is twice the garbage that the steps
   * leave in the Java heap, which may touch fresh pages with it.
   */
  @Test
  void tenThousandStepsKeepNativeMemory() throws IOException {
    List<FlatTensor> tensors = tensors(Rule.ADAMW_AMSGRAD);
    List<FlatTensor> momentum = tensors(Rule.SGD_MOMENTUM);
    try (FusedKernel adam = Rule.ADAMW_AMSGRAD.bind(tensors);
        FusedKernel sgd = Rule.SGD_MOMENTUM.bind(momentum)) {
      run(adam, sgd, 2_000);
      long pointers = Pointer.totalCount();
      long kib = anonymousKiB();
      for (int round = 0; round < 1_000; round++) {
        run(adam, sgd, 10);
        assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
      }
      assertThat(anonymousKiB() - kib).isLessThan(MAX_GROWTH_KIB);
    }
    List.of(tensors, momentum).forEach(list -> list.forEach(FlatTensor::close));
  }

  private static void run(FusedKernel adam, FusedKernel sgd, int steps) {
    for (int step = 1; step <= steps; step++) {
      adam.run(step, 1e-3, 0.1);
      sgd.run(step, 1e-3, 0.1);
    }
  }

  private static long anonymousKiB() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("RssAnon:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .findFirst()
        .orElseThrow();
  }
}

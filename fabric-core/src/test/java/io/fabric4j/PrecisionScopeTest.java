package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.GradientCollector;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a precision changes, and what it leaves alone. */
class PrecisionScopeTest {
  private static final List<String> PRECISIONS =
      List.of("bf16-mixed", "32-true", "64-true", "bf16-true");
  private static final String BYPASSED =
      " found gradients that were not computed by fabric.backward. This precision or strategy needs"
          + " it: call fabric.backward(loss) instead of GradientCollector.backward, after zeroGrad.";

  @Test
  void ranksOfOneProcessMayDiffer() throws Exception {
    List<float[]> alone = new ArrayList<>();
    for (String precision : PRECISIONS) {
      alone.add(train(precision, () -> {}));
    }
    assertThat(alone).doesNotHaveDuplicates();
    CyclicBarrier together = new CyclicBarrier(PRECISIONS.size());
    ExecutorService threads = Executors.newFixedThreadPool(PRECISIONS.size());
    try {
      List<Future<float[]>> results =
          PRECISIONS.stream()
              .map(precision -> threads.submit(() -> train(precision, together::await)))
              .toList();
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).isEqualTo(alone.get(i));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Code that may throw anything. */
  @FunctionalInterface
  private interface Code {
    void run() throws Exception;
  }

  private static float[] train(String precision, Code beforeStep) throws Exception {
    try (Fabric fabric = fabric(precision)) {
      FabricSetup setup = setup(fabric);
      NDArray input = input(fabric);
      float[] losses = new float[50];
      for (int i = 0; i < losses.length; i++) {
        beforeStep.run();
        setup.optimizer().zeroGrad();
        NDArray loss = setup.block().forward(input).square().mean();
        fabric.backward(loss);
        setup.optimizer().step();
        losses[i] = loss.getFloat();
      }
      return losses;
    }
  }

  @Test
  void autocastMayBeNested() {
    try (Fabric fabric = fabric("bf16-mixed")) {
      assertThat(productType(fabric)).isEqualTo(DataType.FLOAT32);
      try (Autocasting outer = fabric.autocast()) {
        assertThat(productType(fabric)).isEqualTo(DataType.BFLOAT16);
        try (Autocasting inner = fabric.autocast()) {
          setup(fabric).block().forward(input(fabric));
          assertThat(productType(fabric)).isEqualTo(DataType.BFLOAT16);
        }
        assertThat(productType(fabric)).isEqualTo(DataType.BFLOAT16);
      }
      assertThat(productType(fabric)).isEqualTo(DataType.FLOAT32);
    }
  }

  @Test
  void autocastEndsWithAnException() {
    try (Fabric fabric = fabric("bf16-mixed")) {
      FabricBlock block = setup(fabric).block();
      block.markForwardMethod(
          "broken",
          (inner, store, inputs, training) -> {
            throw new IllegalStateException("broken in " + productType(fabric));
          });
      assertThatThrownBy(() -> block.forward("broken", new NDList(input(fabric))))
          .hasMessage("broken in bfloat16");
      assertThat(productType(fabric)).isEqualTo(DataType.FLOAT32);
      assertThatThrownBy(
              () -> {
                try (Autocasting outer = fabric.autocast()) {
                  throw new IllegalStateException("broken in " + productType(fabric));
                }
              })
          .hasMessage("broken in bfloat16");
      assertThat(productType(fabric)).isEqualTo(DataType.FLOAT32);
    }
  }

  @Test
  void autocastChangesNothingInModesThatAreNotMixed() {
    for (String precision : List.of("32-true", "64-true", "16-true", "bf16-true")) {
      try (Fabric fabric = fabric(precision);
          Autocasting autocast = fabric.autocast()) {
        assertThat(productType(fabric)).isEqualTo(DataType.FLOAT32);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"bf16-mixed, auto", "32-true, ddp", "bf16-mixed, ddp", "64-true, zero"})
  void rejectsGradientsOfDjlsCollector(String precision, String strategy) {
    try (Fabric fabric =
        Fabric.builder().precision(precision).strategy(strategy).threads(1).build()) {
      FabricSetup setup = setup(fabric);
      collect(setup, input(fabric));
      assertThatThrownBy(() -> setup.optimizer().step())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("step" + BYPASSED);
      assertThatThrownBy(() -> fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("clipGradients" + BYPASSED);
      setup.optimizer().zeroGrad();
      fabric.backward(setup.block().forward(input(fabric)).square().mean());
      setup.optimizer().step();
    }
  }

  @ParameterizedTest
  @CsvSource({"32-true", "64-true", "16-true", "bf16-true"})
  void acceptsGradientsOfDjlsCollectorOnOneDevice(String precision) {
    try (Fabric fabric = fabric(precision)) {
      FabricSetup collected = setup(fabric);
      FabricSetup expected = setup(fabric);
      collect(collected, input(fabric));
      collected.optimizer().step();
      fabric.backward(expected.block().forward(input(fabric)).square().mean());
      expected.optimizer().step();
      assertThat(weights(collected)).isEqualTo(weights(expected));
    }
  }

  private static void collect(FabricSetup setup, NDArray input) {
    try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
      collector.backward(setup.block().forward(input).square().mean());
    }
  }

  private static float[] weights(FabricSetup setup) {
    NDArray weight = setup.block().unwrap().getParameters().get("weight").getArray();
    return Casts.toType(weight, DataType.FLOAT32).toFloatArray();
  }

  private static DataType productType(Fabric fabric) {
    try (NDArray ones = fabric.manager().ones(new Shape(2, 2));
        NDArray product = ones.matMul(ones)) {
      return Casts.dataType(product);
    }
  }

  private static Fabric fabric(String precision) {
    return Fabric.builder().precision(precision).threads(1).build();
  }

  private static NDArray input(Fabric fabric) {
    return values(fabric, new Shape(8, 16));
  }

  private static NDArray values(Fabric fabric, Shape shape) {
    return fabric.manager().arange((float) shape.size()).add(1).sin().reshape(shape);
  }

  private static FabricSetup setup(Fabric fabric) {
    Linear block = Linear.builder().setUnits(4).build();
    block.setInitializer(
        (manager, shape, type) -> values(fabric, shape), Parameter::requiresGradient);
    return fabric.setup(block, new Shape(1, 16), SGD.builder().learningRate(0.05).build());
  }
}

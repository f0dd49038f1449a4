package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.collectives.DifferentiableCollectives;
import io.fabric4j.internal.precision.BackwardGuard;
import io.fabric4j.internal.precision.RankPrecision;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.SGD;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.Precision;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop of 16-mixed, on the CPU, where users get bf16-mixed instead. */
class ScaledTrainingTest {
  private static final double OVERFLOWING = 1L << 30;
  private static final GradientClipping MEASURE = GradientClipping.byNorm(Double.POSITIVE_INFINITY);

  @TempDir private Path folder;

  /** Runs code with a Fabric whose precision is 16-mixed. */
  private static <T extends Serializable> List<T> scaled(
      String strategy, int ranks, GradScaler scaler, Launch.Code<T> code) {
    return Launch.onRanks(
        Fabric.builder().strategy(strategy),
        ranks,
        outer -> {
          RankContext plain = outer.context();
          NDManager manager = plain.manager().newSubManager();
          RankContext context =
              new RankContext(
                  plain.group(),
                  plain.strategy(),
                  new RankPrecision(Precision.MIXED_16, Device.cpu(), scaler.fresh()),
                  false,
                  new BackwardGuard(true),
                  plain.callbacks(),
                  plain.tracker(),
                  plain.forwards(),
                  new DifferentiableCollectives(plain.group()),
                  manager,
                  manager);
          FabricOptions options = Fabric.builder().threads(1).options();
          try (Fabric fabric =
              new Fabric(
                  options, ranks, outer.rank(), context, new LocalCheckpointIO(), line -> {})) {
            return code.run(fabric);
          }
        });
  }

  private static <T extends Serializable> T scaled(GradScaler scaler, Launch.Code<T> code) {
    return scaled("auto", 1, scaler, code).get(0);
  }

  @Test
  void anOverflowSkipsTheStepAndHalvesTheScale() {
    scaled(
        scaler(OVERFLOWING),
        fabric -> {
          FabricSetup setup = setup(fabric);
          float[] before = weights(setup);
          step(fabric, setup, 1);
          assertThat(weights(setup)).isEqualTo(before);
          assertThat(setup.optimizer().stateDict()).containsEntry("step.weight", 0L);
          assertThat(scale(fabric)).isEqualTo(OVERFLOWING / 2);
          float first = step(fabric, setup, 1);
          float last = first;
          for (int i = 0; i < 60; i++) {
            last = step(fabric, setup, 1);
          }
          assertThat(last).isLessThan(first / 2);
          assertThat(scale(fabric)).isBetween(1024.0, OVERFLOWING / 1024);
          return 0;
        });
  }

  @Test
  void clippingAnOverflowIsNoError() {
    scaled(
        scaler(OVERFLOWING),
        fabric -> {
          FabricSetup setup = setup(fabric);
          float[] before = weights(setup);
          fabric.backward(loss(fabric, setup, 1));
          double norm = fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(1));
          assertThat(norm).isNotFinite();
          setup.optimizer().step();
          assertThat(weights(setup)).isEqualTo(before);
          assertThat(scale(fabric)).isEqualTo(OVERFLOWING / 2);
          return 0;
        });
  }

  @Test
  void unscalesOnceHoweverOftenGradientsAreClipped() {
    scaled(
        scaler(1024),
        fabric -> {
          FabricSetup setup = setup(fabric);
          fabric.backward(loss(fabric, setup, 1));
          double norm = fabric.clipGradients(setup.optimizer(), MEASURE);
          assertThat(fabric.clipGradients(setup.optimizer(), MEASURE)).isEqualTo(norm);
          assertThat(norm).isCloseTo(normInFloat32(), within(norm * 2e-3));
          return 0;
        });
  }

  private static double normInFloat32() {
    try (Fabric fabric = Fabric.builder().threads(1).build()) {
      FabricSetup setup = setup(fabric);
      fabric.backward(loss(fabric, setup, 1));
      return fabric.clipGradients(setup.optimizer(), MEASURE);
    }
  }

  /** Upstream divides the second optimizer's gradients by the scale twice. */
  @Test
  void twoOptimizersUnscaleTheirOwnGradients() {
    float[] unscaled = twoOptimizers(GradScaler.builder().enabled(false).build(), false);
    assertThat(twoOptimizers(scaler(1024), false)).isEqualTo(unscaled);
    assertThat(twoOptimizers(scaler(1024), true)).isEqualTo(unscaled);
  }

  private static float[] twoOptimizers(GradScaler scaler, boolean clip) {
    return scaled(
        scaler,
        fabric -> {
          FabricSetup setup =
              fabric.setup(
                  block(fabric),
                  new Shape(1, 16),
                  SGD.builder().learningRate(0.05).parameters("weight"::equals).build(),
                  SGD.builder().learningRate(0.05).parameters("bias"::equals).build());
          for (int i = 0; i < 5; i++) {
            setup.block().zeroGrad();
            fabric.backward(loss(fabric, setup, 1));
            if (clip) {
              setup.optimizers().forEach(each -> fabric.clipGradients(each, MEASURE));
            }
            setup.optimizers().forEach(FabricOptimizer::step);
          }
          return weights(setup);
        });
  }

  @Test
  void gradientsTooSmallForFloat16Survive() {
    assertThat(changes(GradScaler.builder().enabled(false).build())).isFalse();
    assertThat(changes(scaler(65536))).isTrue();
  }

  private static boolean changes(GradScaler scaler) {
    return scaled(
        scaler,
        fabric -> {
          FabricSetup setup = setup(fabric);
          setup.optimizer().setLearningRate(1e6);
          float[] before = weights(setup);
          fabric.backward(loss(fabric, setup, 1).mul(1e-8f));
          setup.optimizer().step();
          return !Arrays.equals(before, weights(setup));
        });
  }

  @Test
  void checkpointsKeepTheScale() {
    String path = folder.resolve("scale.safetensors").toString();
    double saved =
        scaled(
            scaler(OVERFLOWING),
            fabric -> {
              FabricSetup setup = setup(fabric);
              step(fabric, setup, 1);
              step(fabric, setup, 1);
              fabric.save(path, Map.of("fabric", fabric));
              return scale(fabric);
            });
    assertThat(saved).isEqualTo(OVERFLOWING / 4);
    double loaded =
        scaled(
            scaler(65536),
            fabric -> {
              fabric.load(path, new HashMap<>(Map.of("fabric", fabric)));
              return scale(fabric);
            });
    assertThat(loaded).isEqualTo(saved);
  }

  /** In zero each rank sees a slice of the gradients only. */
  @ParameterizedTest
  @ValueSource(strings = {"ddp", "zero_stage_1", "zero"})
  void anOverflowOnOneRankSkipsTheStepOfAll(String strategy) {
    List<float[]> weights =
        scaled(
            strategy,
            2,
            scaler(1024),
            fabric -> {
              FabricSetup setup = setup(fabric);
              float[] before = weights(setup);
              step(fabric, setup, fabric.globalRank() == 1 ? 1e5f : 1);
              assertThat(weights(setup)).isEqualTo(before);
              assertThat(scale(fabric)).isEqualTo(512);
              step(fabric, setup, 1);
              assertThat(weights(setup)).isNotEqualTo(before);
              assertThat(scale(fabric)).isEqualTo(512);
              return weights(setup);
            });
    assertThat(weights.get(1)).isEqualTo(weights.get(0));
  }

  private static GradScaler scaler(double scale) {
    return GradScaler.builder().initScale(scale).build();
  }

  private static double scale(Fabric fabric) {
    Map<?, ?> scaler = (Map<?, ?>) fabric.stateDict().get("scaler");
    return (double) scaler.get("scale");
  }

  private static float step(Fabric fabric, FabricSetup setup, float factor) {
    setup.optimizer().zeroGrad();
    NDArray loss = loss(fabric, setup, factor);
    fabric.backward(loss);
    setup.optimizer().step();
    return loss.getFloat();
  }

  private static NDArray loss(Fabric fabric, FabricSetup setup, float factor) {
    NDArray input = values(fabric, new Shape(8, 16));
    return setup.block().forward(input).square().mean().mul(factor);
  }

  private static NDArray values(Fabric fabric, Shape shape) {
    return fabric.manager().arange((float) shape.size()).add(1).sin().reshape(shape);
  }

  private static FabricSetup setup(Fabric fabric) {
    return fabric.setup(block(fabric), new Shape(1, 16), SGD.builder().learningRate(0.05).build());
  }

  private static Linear block(Fabric fabric) {
    Linear block = Linear.builder().setUnits(4).build();
    block.setInitializer(
        (manager, shape, type) -> values(fabric, shape), Parameter::requiresGradient);
    return block;
  }

  private static float[] weights(FabricSetup setup) {
    return setup.block().unwrap().getParameters().get("weight").getArray().toFloatArray();
  }
}

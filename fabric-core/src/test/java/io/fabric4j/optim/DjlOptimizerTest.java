package io.fabric4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.fabric4j.Fabric;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.FabricSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DjlOptimizerTest {
  private static final int STEPS = 10;

  /** Parameter 1 gets no gradient in some steps. */
  private static final BiPredicate<Integer, Integer> SKIPPED = (k, t) -> k == 1 && t >= 3 && t < 6;

  /** Falls with the number of updates, so that it shows in results. */
  private static Tracker tracker() {
    return Tracker.factor().setBaseValue(0.05f).setFactor(0.9f).optMaxUpdates(100).build();
  }

  private static Optimizer adamW() {
    return Optimizer.adamW().optLearningRateTracker(tracker()).optWeightDecays(0.1f).build();
  }

  static Stream<Arguments> rules() {
    return Stream.of(
        rule("sgd", () -> Optimizer.sgd().setLearningRateTracker(tracker()).build()),
        rule(
            "sgd momentum",
            () ->
                Optimizer.sgd()
                    .setLearningRateTracker(tracker())
                    .optMomentum(0.9f)
                    .optWeightDecays(0.01f)
                    .optClipGrad(0.5f)
                    .build()),
        rule("adam", () -> Optimizer.adam().optLearningRateTracker(tracker()).build()),
        rule("adamw", DjlOptimizerTest::adamW));
  }

  private static Arguments rule(String name, Supplier<Optimizer> optimizer) {
    return Arguments.of(name, optimizer);
  }

  private static ReferenceBlock block(Fabric fabric) {
    ReferenceBlock block = new ReferenceBlock(false);
    block.initialize(fabric.manager(), DataType.FLOAT32);
    return block;
  }

  private static void step(Fabric fabric, ReferenceBlock block, FabricOptimizer optimizer, int t) {
    optimizer.zeroGrad();
    try (NDManager manager = fabric.manager().newSubManager()) {
      fabric.backward(block.loss(manager, t, k -> !SKIPPED.test(k, t), false));
    }
    optimizer.step();
  }

  /** Takes a step with DJL alone; DJL walks all parameters, here those with a gradient. */
  private static void stepAlone(Fabric fabric, ReferenceBlock block, Optimizer optimizer, int t) {
    try (NDManager manager = fabric.manager().newSubManager()) {
      fabric.backward(block.loss(manager, t, k -> !SKIPPED.test(k, t), false));
    }
    for (int k = 2; k >= 0; k--) {
      NDArray weight = block.parameter(k).getArray();
      if (!SKIPPED.test(k, t)) {
        optimizer.update("p" + k, weight, weight.getGradient());
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void equalsDjl(String name, Supplier<Optimizer> make) {
    try (Fabric fabric = Fabric.builder().build()) {
      ReferenceBlock block = block(fabric);
      FabricSetup setup = fabric.setup(block, DjlOptimizer.of(make.get()));
      ReferenceBlock alone = block(fabric);
      for (int k = 0; k < 3; k++) {
        alone.parameter(k).getArray().setRequiresGradient(true);
      }
      Optimizer optimizer = make.get();
      double[] before = block.values();
      for (int t = 1; t <= STEPS; t++) {
        step(fabric, block, setup.optimizer(), t);
        stepAlone(fabric, alone, optimizer, t);
        assertThat(block.values()).as("step %d", t).isEqualTo(alone.values());
      }
      assertThat(block.values()).isNotEqualTo(before);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void continuesFromItsStateExactly(String name, Supplier<Optimizer> make) {
    for (int stop : new int[] {0, 4, 7}) {
      try (Fabric fabric = Fabric.builder().build()) {
        ReferenceBlock block = block(fabric);
        FabricSetup setup = fabric.setup(block, DjlOptimizer.of(make.get()));
        ReferenceBlock second = block(fabric);
        FabricSetup restored = fabric.setup(second, DjlOptimizer.of(make.get()));
        for (int t = 1; t <= STEPS; t++) {
          if (t == stop + 1) {
            restored.block().loadStateDict(setup.block().stateDict());
            restored.optimizer().loadStateDict(setup.optimizer().stateDict());
          }
          step(fabric, block, setup.optimizer(), t);
          if (t > stop) {
            step(fabric, second, restored.optimizer(), t);
          }
        }
        assertThat(second.values()).isEqualTo(block.values());
      }
    }
  }

  @Test
  void continuesFromAFileExactly(@TempDir Path folder) throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      String path = folder.resolve("state.safetensors").toString();
      ReferenceBlock block = block(fabric);
      FabricSetup setup = fabric.setup(block, DjlOptimizer.of(adamW()));
      step(fabric, block, setup.optimizer(), 1);
      fabric.save(path, Map.of("block", setup.block(), "optimizer", setup.optimizer()));
      ReferenceBlock second = block(fabric);
      FabricSetup restored = fabric.setup(second, DjlOptimizer.of(adamW()));
      fabric.load(path, Map.of("block", restored.block(), "optimizer", restored.optimizer()));
      step(fabric, block, setup.optimizer(), 2);
      step(fabric, second, restored.optimizer(), 2);
      assertThat(second.values()).isEqualTo(block.values());
    }
  }

  @Test
  void forgetsStateThatACheckpointDoesNotHave() {
    try (Fabric fabric = Fabric.builder().build()) {
      ReferenceBlock block = block(fabric);
      FabricOptimizer optimizer = fabric.setup(block, DjlOptimizer.of(adamW())).optimizer();
      Map<String, Object> fresh = optimizer.stateDict();
      step(fabric, block, optimizer, 1);
      assertThat(optimizer.stateDict()).containsKeys("means.01p0_weight", "variances.03p2_weight");
      assertThat(optimizer.stateBytes()).isEqualTo(2 * 25 * 4);
      optimizer.loadStateDict(fresh);
      assertThat(optimizer.stateDict()).isEqualTo(fresh).containsEntry("num_update", 0);
    }
  }

  @Test
  void leavesFrozenParametersAlone() {
    try (Fabric fabric = Fabric.builder().build()) {
      ReferenceBlock block = block(fabric);
      FabricOptimizer optimizer = fabric.setup(block, DjlOptimizer.of(adamW())).optimizer();
      block.parameter(2).freeze(true);
      float[] before = block.parameter(2).getArray().toFloatArray();
      step(fabric, block, optimizer, 1);
      assertThat(block.parameter(2).getArray().toFloatArray()).isEqualTo(before);
    }
  }

  @Test
  void updatesItsParametersOnly() {
    try (Fabric fabric = Fabric.builder().build()) {
      ReferenceBlock block = block(fabric);
      FabricOptimizer optimizer =
          fabric
              .setup(block, DjlOptimizer.of(adamW()).forParameters(name -> name.contains("p2")))
              .optimizer();
      float[] before = block.parameter(0).getArray().toFloatArray();
      float[] own = block.parameter(2).getArray().toFloatArray();
      step(fabric, block, optimizer, 1);
      assertThat(block.parameter(0).getArray().toFloatArray()).isEqualTo(before);
      assertThat(block.parameter(2).getArray().toFloatArray()).isNotEqualTo(own);
    }
  }

  @Test
  void rejectsLearningRates() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricOptimizer optimizer = fabric.setup(block(fabric), DjlOptimizer.of(adamW())).optimizer();
      assertThat(optimizer.learningRate(0)).isNaN();
      assertThatThrownBy(() -> optimizer.setLearningRate(0.5))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "A DJL optimizer takes its learning rate from its own tracker, so it cannot be set"
                  + " to 0.5. Give the DJL optimizer's builder a tracker that follows your"
                  + " schedule, or use SGD, Adam or AdamW of io.fabric4j.optim.");
    }
  }

  @Test
  void rejectsASecondSetup() {
    try (Fabric fabric = Fabric.builder().build()) {
      DjlOptimizer config = DjlOptimizer.of(adamW());
      fabric.setup(block(fabric), config);
      ReferenceBlock second = block(fabric);
      assertThatThrownBy(() -> fabric.setup(second, config))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "This DJL optimizer belongs to another setup, and it keeps state. Make a new one for"
                  + " each setup and, inside launch, on each rank.");
    }
  }

  @Test
  void rejectsOptimizersWithoutUpdate() {
    assertThatThrownBy(() -> DjlOptimizer.of(Optimizer.rmsprop().build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "DJL's PyTorch engine has no update for RmsProp, only for Sgd, Adam and AdamW. Use one"
                + " of those, or an optimizer of io.fabric4j.optim.");
  }
}

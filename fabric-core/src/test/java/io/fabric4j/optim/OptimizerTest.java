package io.fabric4j.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.Fabric;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.OptimizerReference.Figures;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerTest {
  private static final BiPredicate<Integer, Integer> NEVER = (k, t) -> false;

  static Stream<Arguments> rules() {
    return Stream.of(
        Arguments.of("sgd", SGD.builder().learningRate(0.1).build(), OptimizerReference.SGD),
        Arguments.of(
            "sgd momentum",
            SGD.builder().learningRate(0.1).momentum(0.9).build(),
            OptimizerReference.SGD_MOMENTUM),
        Arguments.of(
            "sgd nesterov",
            SGD.builder().learningRate(0.1).momentum(0.9).nesterov(true).weightDecay(0.01).build(),
            OptimizerReference.SGD_NESTEROV),
        Arguments.of(
            "sgd dampening",
            SGD.builder().learningRate(0.1).momentum(0.9).dampening(0.1).build(),
            OptimizerReference.SGD_DAMPENING),
        Arguments.of("adam", Adam.builder().learningRate(1e-2).build(), OptimizerReference.ADAM),
        Arguments.of(
            "adam decay",
            Adam.builder().learningRate(1e-2).betas(0.8, 0.95).eps(1e-6).weightDecay(0.05).build(),
            OptimizerReference.ADAM_DECAY),
        Arguments.of(
            "adam amsgrad",
            Adam.builder().learningRate(1e-2).betas(0.9, 0.9).amsgrad(true).build(),
            OptimizerReference.ADAM_AMSGRAD),
        Arguments.of(
            "adagrad", Adagrad.builder().learningRate(0.1).build(), OptimizerReference.ADAGRAD),
        Arguments.of(
            "adagrad decay",
            Adagrad.builder()
                .learningRate(0.1)
                .learningRateDecay(0.05)
                .weightDecay(0.05)
                .eps(1e-6)
                .build(),
            OptimizerReference.ADAGRAD_DECAY),
        Arguments.of("adamw", adamW(), OptimizerReference.ADAMW),
        Arguments.of(
            "adamw amsgrad",
            AdamW.builder()
                .learningRate(1e-2)
                .betas(0.9, 0.9)
                .weightDecay(0.1)
                .amsgrad(true)
                .build(),
            OptimizerReference.ADAMW_AMSGRAD),
        Arguments.of(
            "adamw groups",
            AdamW.builder()
                .learningRate(1e-2)
                .group(
                    ParameterGroup.matching(name -> name.contains("p2"))
                        .withLearningRate(2e-2)
                        .withWeightDecay(0))
                .build(),
            OptimizerReference.ADAMW_GROUPS));
  }

  private static OptimizerConfig adamW() {
    return AdamW.builder().learningRate(1e-2).weightDecay(0.01).build();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void equalsTorch(String name, OptimizerConfig config, Figures expected) {
    check(config, expected, NEVER, false);
  }

  @Test
  void leavesParametersWithoutGradientAlone() {
    check(adamW(), OptimizerReference.ADAMW_MISSING, (k, t) -> k == 1 && t >= 3 && t <= 7, false);
  }

  @Test
  void countsTiedParametersOnce() {
    check(adamW(), OptimizerReference.ADAMW_TIED, NEVER, true);
  }

  @Test
  void leavesParametersFrozenLaterAlone() {
    for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
      try (Fabric fabric = Fabric.builder().build()) {
        ReferenceBlock block = new ReferenceBlock(false);
        block.initialize(fabric.manager(), type);
        FabricOptimizer optimizer = fabric.setup(block, adamW()).optimizer();
        for (int t = 1; t <= OptimizerReference.STEPS; t++) {
          if (t == 10) {
            block.parameter(2).freeze(true);
          }
          step(fabric, block, optimizer, t, NEVER, false);
        }
        assertClose(block.values(), OptimizerReference.ADAMW_FROZEN, type);
      }
    }
  }

  @Test
  void continuesFromItsStateExactly() {
    try (Fabric fabric = Fabric.builder().build()) {
      BiPredicate<Integer, Integer> skip = (k, t) -> k == 1 && t >= 3 && t <= 7;
      ReferenceBlock block = new ReferenceBlock(false);
      block.initialize(fabric.manager(), DataType.FLOAT64);
      FabricSetup setup = fabric.setup(block, adamW());
      FabricOptimizer optimizer = setup.optimizer();
      ReferenceBlock second = new ReferenceBlock(false);
      second.initialize(fabric.manager(), DataType.FLOAT64);
      FabricSetup secondSetup = fabric.setup(second, adamW());
      FabricOptimizer restored = secondSetup.optimizer();
      for (int t = 1; t <= OptimizerReference.STEPS; t++) {
        if (t == 6) {
          secondSetup.block().loadStateDict(setup.block().stateDict());
          restored.loadStateDict(optimizer.stateDict());
        }
        step(fabric, block, optimizer, t, skip, false);
        if (t >= 6) {
          step(fabric, second, restored, t, skip, false);
        }
      }
      assertThat(second.values()).isEqualTo(block.values());
    }
  }

  @Test
  void rejectsStateOfAnotherOptimizer() {
    try (Fabric fabric = Fabric.builder().build()) {
      ReferenceBlock block = new ReferenceBlock(false);
      block.initialize(fabric.manager(), DataType.FLOAT32);
      FabricOptimizer optimizer = fabric.setup(block, adamW()).optimizer();
      assertThatThrownBy(() -> optimizer.loadStateDict(Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The checkpoint does not fit: it has the learning rates null and the optimizer has 1"
                  + " parameter groups.");
    }
  }

  @Test
  void rejectsSettingsThatCannotWork() {
    assertThatThrownBy(() -> SGD.builder().learningRate(-1))
        .hasMessage("learningRate is -1.0, but it must be a finite number of at least 0.");
    assertThatThrownBy(() -> Adam.builder().betas(0.9, 1))
        .hasMessage("beta2 is 1.0, but it must be at least 0 and below 1.");
    assertThatThrownBy(() -> SGD.builder().nesterov(true).build())
        .hasMessage(
            "Nesterov momentum needs momentum > 0 and dampening 0, got momentum 0.0 and dampening"
                + " 0.0.");
  }

  private static void check(
      OptimizerConfig config, Figures expected, BiPredicate<Integer, Integer> skip, boolean tied) {
    for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
      try (Fabric fabric = Fabric.builder().build()) {
        ReferenceBlock block = new ReferenceBlock(tied);
        block.initialize(fabric.manager(), type);
        FabricOptimizer optimizer = fabric.setup(block, config).optimizer();
        for (int t = 1; t <= OptimizerReference.STEPS; t++) {
          step(fabric, block, optimizer, t, skip, tied);
        }
        assertClose(block.values(), expected, type);
      }
    }
  }

  private static void step(
      Fabric fabric,
      ReferenceBlock block,
      FabricOptimizer optimizer,
      int t,
      BiPredicate<Integer, Integer> skip,
      boolean tied) {
    optimizer.zeroGrad();
    try (NDManager manager = fabric.manager().newSubManager()) {
      NDArray loss = block.loss(manager, t, k -> !skip.test(k, t), tied);
      fabric.backward(loss);
    }
    optimizer.step();
  }

  private static void assertClose(double[] values, Figures expected, DataType type) {
    for (int i = 0; i < values.length; i++) {
      boolean single = type == DataType.FLOAT32;
      double p = single ? expected.inFloat()[i] : expected.inDouble()[i];
      double tolerance = single ? 1e-6 * Math.abs(p) + 1e-7 : 1e-12;
      assertThat(values[i]).as("element %d in %s", i, type).isCloseTo(p, within(tolerance));
    }
  }
}

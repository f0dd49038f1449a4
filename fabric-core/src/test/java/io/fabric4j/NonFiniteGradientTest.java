package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.SGD;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NonFiniteGradientTest {

  @ParameterizedTest
  @ValueSource(strings = {"ddp", "zero_stage_1", "zero_stage_2"})
  void everyRankNamesTheParameter(String strategy) {
    assertThat(
            Launch.onRanks(
                Fabric.builder().strategy(strategy),
                2,
                rank -> {
                  FabricSetup setup =
                      rank.setup(
                          Linear.builder().setUnits(1).build(),
                          new Shape(1, 40),
                          SGD.builder().build());
                  NDArray input = rank.manager().full(new Shape(1, 40), Float.NaN);
                  rank.backward(setup.block().forward(input).sum());
                  try {
                    rank.clipGradients(setup.optimizer(), GradientClipping.byNorm(1));
                    return "no error";
                  } catch (IllegalStateException e) {
                    return e.getMessage();
                  }
                }))
        .containsOnly(
            "Cannot clip gradients: their 2.0-norm is NaN, and the gradient of weight is not"
                + " finite. Skip this step, lower the learning rate, or use allowNonFinite().");
  }
}

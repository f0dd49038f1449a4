package io.fabric4j.optim;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParameterGroupTest {

  /** Returns the parameters after some steps of a block with biases and a normalization. */
  private static Map<String, List<Float>> trained(Adam.Builder optimizer) {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(7);
      SequentialBlock block =
          new SequentialBlock()
              .add(Linear.builder().setUnits(4).build())
              .add(BatchNorm.builder().build())
              .add(Linear.builder().setUnits(2).build());
      FabricSetup setup =
          fabric.setup(
              block, new Shape(1, 3), optimizer.learningRate(0.1).weightDecay(0.5).build());
      for (int step = 0; step < 3; step++) {
        setup.optimizer().zeroGrad();
        try (NDManager manager = fabric.manager().newSubManager()) {
          NDArray input = manager.arange(15f).reshape(5, 3).mul(0.1).sin();
          fabric.backward(setup.block().forward(input).square().mean());
        }
        setup.optimizer().step();
      }
      Map<String, List<Float>> values = new LinkedHashMap<>();
      setup.block().stateDict().forEach((name, array) -> values.put(name, list((NDArray) array)));
      return values;
    }
  }

  private static List<Float> list(NDArray array) {
    return List.of(array.toArray()).stream().map(Number::floatValue).toList();
  }

  @Test
  void leavesBiasesAndNormalizationUndecayed() {
    Map<String, List<Float>> byType = trained(AdamW.builder().group(ParameterGroup.withoutDecay()));
    Map<String, List<Float>> byName =
        trained(
            AdamW.builder()
                .group(
                    ParameterGroup.matching(name -> name.matches(".*(bias|gamma|beta)"))
                        .withWeightDecay(0)));
    assertThat(byType).isEqualTo(byName).hasSize(8);
    assertThat(byType).isNotEqualTo(trained(AdamW.builder()));
  }

  @Test
  void choosesByNameAndType() {
    ParameterGroup group =
        ParameterGroup.matching(
            (name, type) -> name.startsWith("head") && type == Parameter.Type.WEIGHT);
    assertThat(group.parameters().test("head.weight", Parameter.Type.WEIGHT)).isTrue();
    assertThat(group.parameters().test("head.bias", Parameter.Type.BIAS)).isFalse();
    assertThat(group.parameters().test("body.weight", Parameter.Type.WEIGHT)).isFalse();
  }

  @Test
  void choosesByType() {
    ParameterGroup group = ParameterGroup.ofTypes(Parameter.Type.GAMMA, Parameter.Type.BETA);
    assertThat(group.parameters().test("x", Parameter.Type.BETA)).isTrue();
    assertThat(group.parameters().test("x", Parameter.Type.BIAS)).isFalse();
    assertThat(group.weightDecay()).isEmpty();
    assertThat(ParameterGroup.withoutDecay().weightDecay()).hasValue(0);
  }
}

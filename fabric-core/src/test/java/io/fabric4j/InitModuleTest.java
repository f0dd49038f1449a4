package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import java.util.List;
import org.junit.jupiter.api.Test;

class InitModuleTest {

  @Test
  void valuesDependOnTheSeedAlone() {
    List<float[]> first = weights();
    assertThat(first.get(1)).as("every rank has the same values").isEqualTo(first.get(0));
    assertThat(weights().get(0)).as("and every run").isEqualTo(first.get(0));
  }

  @Test
  void blocksDiffer() {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(5);
      assertThat(weight(fabric)).isNotEqualTo(weight(fabric));
    }
  }

  private static List<float[]> weights() {
    return Launch.onRanks(
        2,
        rank -> {
          rank.seedEverything(5);
          return weight(rank);
        });
  }

  private static float[] weight(Fabric fabric) {
    Block block = fabric.initModule(Linear.builder().setUnits(40).build(), new Shape(1, 30));
    return block.getParameters().get("weight").getArray().toFloatArray();
  }
}

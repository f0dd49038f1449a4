package io.fabric4j.internal.parameters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.Launch;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.ParameterGroup;
import io.fabric4j.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReducerTest {
  private static final OptimizerConfig ADAMW =
      AdamW.builder().learningRate(0.1).weightDecay(0.5).build();

  private static final OptimizerConfig GROUPS =
      AdamW.builder().group(ParameterGroup.matching("a"::equals)).build();

  private static VectorBlock block(Fabric fabric) {
    return new VectorBlock()
        .with("a", fabric.manager().ones(new Shape(5)))
        .with("b", fabric.manager().ones(new Shape(3)));
  }

  private static void forward(Fabric fabric, FabricSetup setup) {
    setup.block().forward(fabric.manager().ones(new Shape(1)));
  }

  @Test
  void startsFromTheParametersOfRank0() {
    List<float[]> values =
        Launch.onRanks(
            3,
            fabric -> {
              VectorBlock block =
                  new VectorBlock()
                      .with("a", fabric.manager().full(new Shape(2), fabric.globalRank() + 7f))
                      .with("c", fabric.manager().full(new Shape(1), fabric.globalRank() + 4f));
              block.getDirectParameters().get("c").freeze(true);
              fabric.setup(block, ADAMW);
              return block.array("a").concat(block.array("c")).toFloatArray();
            });
    assertThat(values).allSatisfy(rank -> assertThat(rank).containsExactly(7, 7, 4));
  }

  @Test
  void updatesAParameterThatOnlyOneRankUses() {
    List<float[][]> values =
        Launch.onRanks(
            2,
            fabric -> {
              VectorBlock block = block(fabric);
              FabricSetup setup = fabric.setup(block, ADAMW);
              for (int step = 0; step < 3; step++) {
                setup.optimizer().zeroGrad();
                forward(fabric, setup);
                NDArray loss = block.term("a", 1 + fabric.globalRank());
                fabric.backward(fabric.globalRank() == 0 ? loss : loss.add(block.term("b", 4)));
                setup.optimizer().step();
              }
              return new float[][] {
                block.array("a").toFloatArray(),
                block.array("b").toFloatArray(),
                block.gradient("a"),
                block.gradient("b")
              };
            });
    assertThat(values.get(1)).isDeepEqualTo(values.get(0));
    assertThat(values.get(0)[1][0]).isLessThan(0.8f);
    assertThat(values.get(0)[2]).containsOnly(1.5f);
    assertThat(values.get(0)[3]).containsOnly(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void leavesAParameterThatNoRankUsesAlone(int ranks) {
    List<float[]> values =
        Launch.onRanks(
            ranks,
            fabric -> {
              VectorBlock block = block(fabric);
              FabricSetup setup = fabric.setup(block, ADAMW);
              for (int step = 0; step < 3; step++) {
                setup.optimizer().zeroGrad();
                forward(fabric, setup);
                fabric.backward(block.term("a", 1));
                setup.optimizer().step();
              }
              assertThat(block.array("a").getFloat(0)).isLessThan(1);
              assertThat(setup.optimizer().stateDict()).containsEntry("step.b", 0L);
              return block.array("b").toFloatArray();
            });
    assertThat(values).allSatisfy(rank -> assertThat(rank).containsExactly(1, 1, 1));
  }

  /** Ranks 0 and 1 contribute 1 and 3 in the first backward, 10 and 30 in the second. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void sumsBackwardsWithoutZeroGrad(boolean alternating) {
    List<float[]> gradients =
        Launch.onRanks(
            2,
            fabric -> {
              VectorBlock block = block(fabric);
              FabricSetup setup = fabric.setup(block, ADAMW);
              int own = 1 + 2 * fabric.globalRank();
              forward(fabric, setup);
              NDArray first = block.term("a", own);
              if (alternating) {
                fabric.backward(first);
                forward(fabric, setup);
                fabric.backward(block.term("a", 10 * own));
              } else {
                forward(fabric, setup);
                NDArray second = block.term("a", 10 * own);
                fabric.backward(first);
                fabric.backward(second);
              }
              return block.gradient("a");
            });
    assertThat(gradients).allSatisfy(rank -> assertThat(rank).containsOnly(22));
  }

  @Test
  void sumsBackwardsThatReachDifferentParameters() {
    List<float[][]> gradients =
        Launch.onRanks(
            2,
            fabric -> {
              VectorBlock block = block(fabric);
              FabricSetup setup = fabric.setup(block, ADAMW);
              boolean first = fabric.globalRank() == 0;
              forward(fabric, setup);
              fabric.backward(block.term(first ? "a" : "b", 2));
              forward(fabric, setup);
              fabric.backward(block.term(first ? "b" : "a", 6));
              return new float[][] {block.gradient("a"), block.gradient("b")};
            });
    for (float[][] rank : gradients) {
      assertThat(rank[0]).containsOnly(4);
      assertThat(rank[1]).containsOnly(4);
    }
  }

  @Test
  void reducesOneForwardOfSeveralOnlyOnce() {
    List<float[]> gradients =
        Launch.onRanks(
            2,
            fabric -> {
              VectorBlock block = block(fabric);
              FabricSetup setup = fabric.setup(block, ADAMW);
              VectorBlock other = block(fabric);
              FabricSetup otherSetup = fabric.setup(other, ADAMW);
              forward(fabric, setup);
              forward(fabric, setup);
              fabric.backward(block.term("a", 1 + fabric.globalRank()));
              forward(fabric, otherSetup);
              fabric.backward(other.term("a", 1));
              fabric.backward(other.term("a", 1));
              return block.gradient("a");
            });
    assertThat(gradients).allSatisfy(rank -> assertThat(rank).containsOnly(1.5f));
  }

  /** D's loss ends before G's output; G's loss goes through D. */
  @Test
  void keepsTwoModelsApart() {
    List<float[][]> gradients =
        Launch.onRanks(
            2,
            fabric -> {
              float own = 1 + 2 * fabric.globalRank();
              VectorBlock g = block(fabric);
              VectorBlock d = block(fabric);
              FabricSetup generator = fabric.setup(g, SGD.builder().build());
              FabricSetup discriminator = fabric.setup(d, SGD.builder().build());
              forward(fabric, generator);
              NDArray fake = g.array("a").mul(own);

              forward(fabric, discriminator);
              fabric.backward(d.term("b", own));
              float[] gBefore = g.gradient("a");
              float[] dAlone = d.gradient("b");
              discriminator.optimizer().step();
              assertThat(g.array("a").toFloatArray()).containsOnly(1);
              discriminator.optimizer().zeroGrad();

              forward(fabric, discriminator);
              fabric.backward(fake.mul(d.array("a")).sum());
              return new float[][] {
                gBefore, dAlone, g.gradient("a"), d.gradient("a"), d.gradient("b")
              };
            });
    for (float[][] rank : gradients) {
      assertThat(rank[0]).containsOnly(0);
      assertThat(rank[1]).containsOnly(2);
      assertThat(rank[2]).containsOnly(2);
      assertThat(rank[3]).containsOnly(2);
      assertThat(rank[4]).containsOnly(0);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "size   | a(6) float32",
        "name   | c(5) float32",
        "count  | no more parameters",
        "group  | a(5) float32 in parameter group 1",
        "frozen | a(5) float32, not trainable"
      })
  void rejectsDifferentBlocksOnAllRanks(String difference, String expected) {
    List<String> messages =
        Launch.onRanks(
            3,
            fabric -> {
              String change = fabric.globalRank() == 1 ? difference : "";
              try {
                fabric.setup(
                    change.equals("count") ? new VectorBlock() : changed(fabric, change),
                    change.equals("group") ? GROUPS : ADAMW);
                return "no error";
              } catch (IllegalStateException e) {
                return e.getMessage();
              }
            });
    assertThat(messages)
        .containsOnly(
            "Ranks set up different models: where rank 0 has a(5) float32, rank 1 has "
                + expected
                + ". Every rank must build the same block and choose the same parameter groups.");
  }

  private static VectorBlock changed(Fabric fabric, String change) {
    NDArray values = fabric.manager().ones(new Shape(change.equals("size") ? 6 : 5));
    VectorBlock block = new VectorBlock().with(change.equals("name") ? "c" : "a", values);
    block.getDirectParameters().valueAt(0).freeze(change.equals("frozen"));
    return block;
  }
}

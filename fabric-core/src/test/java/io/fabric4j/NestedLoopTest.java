package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.training.initializer.Initializer;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which loop's batch a backward counts for. */
@Timeout(60)
class NestedLoopTest {

  /**
   * Each step's gradient. Ranks have 6 and 3 rows in batches of 2, and losses with the gradients 1
   * and 2: the steps have 2 + 2, 2 + 1 and 2 + 0 rows.
   */
  private static final List<Float> EXPECTED = List.of(1.5f, 4f / 3, 1f);

  /** What happens between forward and backward. */
  private interface Between {
    void run(FabricDataLoader validation);
  }

  private static ArrayList<Float> train(Fabric fabric, Between between) {
    Block block = Linear.builder().setUnits(1).optBias(false).build();
    block.setInitializer(Initializer.ONES, parameter -> true);
    FabricSetup setup = fabric.setup(block, new Shape(1, 1), SGD.builder().build());
    FabricDataLoader train = shards(fabric, 6, 3);
    FabricDataLoader validation = shards(fabric, 1, 7);
    ArrayList<Float> gradients = new ArrayList<>();
    for (FabricBatch batch : train) {
      setup.optimizer().zeroGrad();
      NDArray input = batch.getManager().ones(new Shape(1, 1));
      NDArray loss = setup.block().forward(input).mean().mul(1 + fabric.globalRank());
      between.run(validation);
      fabric.backward(loss);
      gradients.add(block.getParameters().valueAt(0).getArray().getGradient().getFloat());
    }
    return gradients;
  }

  private static FabricDataLoader shards(Fabric fabric, int... sizes) {
    return fabric.setupDataloaders(
        FabricDataLoader.of(NumberedRows.shard(fabric.globalRank(), sizes)).batchSize(2));
  }

  private static void check(Between between) {
    for (List<Float> gradients : Launch.onRanks(2, fabric -> train(fabric, between))) {
      assertThat(gradients)
          .usingElementComparator((a, b) -> Math.abs(a - b) < 1e-6 ? 0 : 1)
          .isEqualTo(EXPECTED);
    }
  }

  @Test
  void countsTheOuterBatchAfterAnInnerLoop() {
    check(validation -> assertThat(NumberedRows.epoch(validation)).hasSize(4));
  }

  @Test
  void countsTheOuterBatchAfterInnerLoopsOfWhichOneWasLeftEarly() {
    check(
        validation -> {
          validation.iterator().next();
          assertThat(NumberedRows.epoch(validation)).hasSize(4);
        });
  }

  /** A loop that is left early in one step is started anew in the next. */
  @Test
  void forgetsAnInnerLoopThatWasLeftEarlyInTheStepBefore() {
    boolean[] left = new boolean[2];
    List<ArrayList<Float>> gradients =
        Launch.onRanks(
            2,
            fabric ->
                train(
                    fabric,
                    validation -> {
                      if (left[fabric.globalRank()]) {
                        assertThat(NumberedRows.epoch(validation)).hasSize(4);
                      } else {
                        left[fabric.globalRank()] = true;
                        validation.iterator().next();
                      }
                    }));
    for (List<Float> rank : gradients) {
      assertThat(rank.get(1)).isEqualTo(EXPECTED.get(1), within(1e-6f));
      assertThat(rank.get(2)).isEqualTo(EXPECTED.get(2), within(1e-6f));
    }
  }

  @Test
  void countsRanksEquallyOutsideOfLoops() {
    List<Float> gradients =
        Launch.onRanks(
            2,
            fabric -> {
              Block block = Linear.builder().setUnits(1).optBias(false).build();
              FabricSetup setup = fabric.setup(block, new Shape(1, 1), SGD.builder().build());
              NumberedRows.epoch(shards(fabric, 6, 3));
              NDArray input = fabric.manager().ones(new Shape(1, 1));
              fabric.backward(setup.block().forward(input).mean().mul(1 + 2 * fabric.globalRank()));
              return block.getParameters().valueAt(0).getArray().getGradient().getFloat();
            });
    assertThat(gradients).containsOnly(2f);
  }
}

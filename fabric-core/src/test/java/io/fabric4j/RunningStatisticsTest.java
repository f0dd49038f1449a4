package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.norm.BatchNorm;
import io.fabric4j.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batch normalisation's running mean moves by a tenth toward the mean of each batch. */
@Timeout(60)
class RunningStatisticsTest {

  private static float[] statistics(Block block) {
    NDArray mean = block.getParameters().get("runningMean").getArray();
    return mean.concat(block.getParameters().get("runningVar").getArray()).toFloatArray();
  }

  @Test
  void followRank0() {
    List<float[]> statistics =
        Launch.onRanks(
            3,
            fabric -> {
              Block block = BatchNorm.builder().build();
              FabricBlock model =
                  fabric.setup(block, new Shape(1, 1), SGD.builder().build()).block();
              float own = 1 + 10 * fabric.globalRank();
              model.forward(fabric.manager().create(new float[] {0, 2 * own}, new Shape(2, 1)));
              model.forward(fabric.manager().create(new float[] {4, 6}, new Shape(2, 1)));
              return statistics(block);
            });
    assertThat(statistics.get(0)[0]).isCloseTo(0.9f * 0.1f + 0.1f * 5, within(1e-6f));
    assertThat(statistics.get(1)).isEqualTo(statistics.get(0));
    assertThat(statistics.get(2)).isEqualTo(statistics.get(0));
  }

  /**
   * Rank 0 runs out of rows, rank 1 has none: their fillers must not reach the statistics, and rank
   * 2's batches must. Rank 0 has those of rank 2 up to its last but one.
   */
  @Test
  void ignoreFillers() {
    int[] sizes = {2, 0, 6};
    List<float[]> statistics =
        Launch.onRanks(
            3,
            fabric -> {
              Block block = BatchNorm.builder().build();
              FabricBlock model =
                  fabric.setup(block, new Shape(1, 1), SGD.builder().build()).block();
              NumberedRows rows = NumberedRows.shard(fabric.globalRank(), sizes);
              FabricDataLoader loader =
                  fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(2));
              for (FabricBatch batch : loader) {
                model.forward(batch.getData());
              }
              model.forward(fabric.manager().create(new float[] {4, 6}, new Shape(2, 1)));
              return statistics(block);
            });
    float mean = 0;
    for (float batch : new float[] {2.5f, 4.5f}) {
      mean = 0.9f * mean + 0.1f * batch;
    }
    assertThat(statistics.get(0)[0]).isCloseTo(0.9f * mean + 0.1f * 5, within(1e-6f));
    assertThat(statistics.get(0)[1]).isFinite();
    assertThat(statistics.get(1)).isEqualTo(statistics.get(0));
    assertThat(statistics.get(2)).isEqualTo(statistics.get(0));
  }
}

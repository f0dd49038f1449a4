package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.Record;
import io.fabric4j.nn.SyncBatchNorm;
import io.fabric4j.optim.SGD;
import java.util.List;
import java.util.function.IntFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SyncBatchNorm in a loop where one rank runs out of rows. */
@Timeout(60)
class SyncBatchNormTrainingTest {
  /** The rows of the two ranks, step by step. */
  private static final long[] BOTH = {0, 1, 4, 5, 2, 3};

  @Test
  void ranksOfUnevenShardsEqualOneRank() {
    float[] one = train(1, 4, rank -> new Ordered(BOTH)).get(0);
    List<float[]> two = train(2, 2, rank -> NumberedRows.shard(rank, 4, 2));

    assertThat(two.get(1)).isEqualTo(two.get(0));
    assertThat(two.get(0)).containsExactly(one, Offset.offset(1e-4f));
  }

  private static final class Ordered extends NumberedRows {
    private final long[] order;

    Ordered(long[] order) {
      super(0, order.length);
      this.order = order;
    }

    @Override
    public Record get(NDManager manager, long index) {
      return super.get(manager, order[(int) index]);
    }
  }

  /** Returns each rank's parameters and running statistics after an epoch. */
  private static List<float[]> train(int ranks, int batchSize, IntFunction<NumberedRows> dataset) {
    return Launch.onRanks(
        ranks,
        rank -> {
          rank.seedEverything(3);
          SequentialBlock block =
              new SequentialBlock()
                  .add(Linear.builder().setUnits(3).build())
                  .add(SyncBatchNorm.builder().build())
                  .add(Linear.builder().setUnits(1).build());
          FabricSetup setup =
              rank.setup(block, new Shape(1, 1), SGD.builder().learningRate(0.05).build());
          FabricDataLoader loader =
              rank.setupDataloaders(
                  FabricDataLoader.of(dataset.apply(rank.globalRank())).batchSize(batchSize));
          for (FabricBatch batch : loader) {
            setup.optimizer().zeroGrad();
            NDArray outputs = setup.block().forward(batch.getData().singletonOrThrow());
            NDArray error = outputs.sub(batch.getLabels().singletonOrThrow().reshape(-1, 1));
            rank.backward(error.mul(error).mean());
            setup.optimizer().step();
          }
          return parameters(setup);
        });
  }

  private static float[] parameters(FabricSetup setup) {
    NDArray all = null;
    for (Object value : setup.block().stateDict().values()) {
      NDArray flat = ((NDArray) value).duplicate().flatten();
      all = all == null ? flat : all.concat(flat);
    }
    return all.toFloatArray();
  }
}

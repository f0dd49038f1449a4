package io.fabric4j;

import static io.fabric4j.ParameterVector.distance;
import static io.fabric4j.ParameterVector.gradients;
import static io.fabric4j.ParameterVector.values;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.optim.SGD;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Windows of backwards without communication. */
@Timeout(60)
class AccumulationTest {
  private static final double TOLERANCE = 1e-6;
  private static final int WINDOW = 4;
  private static final int BATCH = 4;
  private static final int[] SHARDS = {14, 11, 3};

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void windowsOfEqualBatchesEqualSynchronizedBackwards(int ranks) {
    List<float[]> accumulated = Launch.onRanks(ranks, fabric -> trainWindows(fabric, true));
    List<float[]> synchronizedEach = Launch.onRanks(ranks, fabric -> trainWindows(fabric, false));
    for (int rank = 0; rank < ranks; rank++) {
      assertThat(accumulated.get(rank)).isEqualTo(accumulated.get(0));
      assertThat(distance(accumulated.get(rank), synchronizedEach.get(rank)))
          .isLessThanOrEqualTo(TOLERANCE);
    }
  }

  private static float[] trainWindows(Fabric fabric, boolean accumulate) {
    FabricSetup setup = setup(fabric);
    NumberedRows rows = new NumberedRows(0, 3 * WINDOW * BATCH * fabric.worldSize());
    int step = 0;
    for (FabricBatch batch : loader(fabric, rows, BATCH)) {
      boolean last = ++step % WINDOW == 0;
      try (NoBackwardSync window = fabric.noBackwardSync(setup.block(), accumulate && !last)) {
        backward(fabric, setup, batch);
      }
      if (last) {
        setup.optimizer().step();
        setup.optimizer().zeroGrad();
      }
    }
    assertThat(step).isEqualTo(3 * WINDOW);
    return values(setup.block().unwrap());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void unevenWindowIsTheGradientOfItsMeanLossTimesItsLength(int ranks) {
    List<float[]> windows =
        Launch.onRanks(
            ranks,
            fabric -> {
              FabricSetup setup = setup(fabric);
              accumulateEpoch(fabric, setup);
              return gradients(setup.block().unwrap());
            });
    float[] expected = meanLossGradient(Arrays.stream(SHARDS, 0, ranks).sum());
    for (float[] window : windows) {
      assertThat(distance(window, expected)).isLessThanOrEqualTo(TOLERANCE);
    }
  }

  /** One epoch is one window of four batches, of which the last is uneven. */
  private static void accumulateEpoch(Fabric fabric, FabricSetup setup) {
    int[] shards = Arrays.copyOf(SHARDS, fabric.worldSize());
    FabricDataLoader loader =
        loader(fabric, NumberedRows.shard(fabric.globalRank(), shards), BATCH);
    assertThat(loader.length()).isEqualTo(WINDOW);
    int step = 0;
    for (FabricBatch batch : loader) {
      try (NoBackwardSync window = fabric.noBackwardSync(setup.block(), ++step < WINDOW)) {
        backward(fabric, setup, batch);
      }
    }
  }

  /** Returns {@link #WINDOW} times the gradient of the mean loss over all rows in one batch. */
  private static float[] meanLossGradient(int rows) {
    return Launch.onRanks(
            1,
            fabric -> {
              FabricSetup setup = setup(fabric);
              for (FabricBatch batch : loader(fabric, new NumberedRows(0, rows), rows)) {
                fabric.backward(loss(setup, batch).mul(WINDOW));
              }
              return gradients(setup.block().unwrap());
            })
        .get(0);
  }

  @Test
  void zeroGradForgetsAWindowThatWasLeft() {
    List<float[]> windows =
        Launch.onRanks(
            2,
            fabric -> {
              FabricSetup setup = setup(fabric);
              NumberedRows rows = NumberedRows.shard(fabric.globalRank(), 5, 9);
              try (NoBackwardSync window = fabric.noBackwardSync(setup.block())) {
                for (FabricBatch batch : loader(fabric, rows, BATCH)) {
                  backward(fabric, setup, batch);
                }
              }
              setup.optimizer().zeroGrad();
              accumulateEpoch(fabric, setup);
              return gradients(setup.block().unwrap());
            });
    float[] expected = meanLossGradient(SHARDS[0] + SHARDS[1]);
    for (float[] window : windows) {
      assertThat(distance(window, expected)).isLessThanOrEqualTo(TOLERANCE);
    }
  }

  private static FabricSetup setup(Fabric fabric) {
    fabric.seedEverything(5);
    SequentialBlock block =
        new SequentialBlock()
            .addSingleton(x -> x.reshape(-1, 1).mul(0.1f))
            .add(Linear.builder().setUnits(6).build())
            .add(Activation.tanhBlock())
            .add(Linear.builder().setUnits(1).build());
    return fabric.setup(block, new Shape(1, 1), SGD.builder().learningRate(1e-3).build());
  }

  private static FabricDataLoader loader(Fabric fabric, NumberedRows rows, int batchSize) {
    return fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(batchSize));
  }

  private static void backward(Fabric fabric, FabricSetup setup, FabricBatch batch) {
    fabric.backward(loss(setup, batch));
  }

  private static NDArray loss(FabricSetup setup, FabricBatch batch) {
    NDList outputs = setup.block().forward(batch.getData());
    return Loss.l2Loss().evaluate(batch.getLabels(), outputs);
  }
}

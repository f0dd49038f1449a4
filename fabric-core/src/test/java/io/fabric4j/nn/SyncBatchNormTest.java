package io.fabric4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.fabric4j.Launch;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.GradMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results of W ranks equal DJL's BatchNorm on the rows of all ranks, norm-relative to 1e-5. */
@Timeout(60)
class SyncBatchNormTest {
  private static final int CHANNELS = 3;
  private static final int ROW = CHANNELS * 2 * 2;
  private static final int STEPS = 2;

  /** Uneven shares: rank r has 2 + r rows, of a mean that is large against the deviation. */
  private static int rows(int rank) {
    return 2 + rank;
  }

  /** Seeds over 10 make weights of the loss, of mean 0. */
  private static float[] values(int ranks, int seed) {
    Random random = new Random(seed);
    float[] values = new float[ROW * (ranks * 2 + ranks * (ranks - 1) / 2)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) ((seed > 10 ? 0 : 5) + random.nextGaussian());
    }
    return values;
  }

  private static float[] share(float[] all, int rank) {
    int start = ROW * (2 * rank + rank * (rank - 1) / 2);
    return Arrays.copyOfRange(all, start, start + ROW * rows(rank));
  }

  /** Output, input gradient, then each parameter's value or, if it has one, gradient. */
  private static List<float[]> train(
      NDManager manager, Block block, float[][] inputs, float[][] weights, double scale) {
    List<float[]> results = new ArrayList<>();
    ParameterStore store = new ParameterStore(manager, false);
    try (GradMode mode = GradMode.enabled()) {
      for (int step = 0; step < STEPS; step++) {
        Shape shape = new Shape(inputs[step].length / ROW, CHANNELS, 2, 2);
        NDArray input = manager.create(inputs[step], shape);
        input.setRequiresGradient(true);
        NDArray output = block.forward(store, new NDList(input.add(0)), true).singletonOrThrow();
        NDArray loss = output.square().mul(manager.create(weights[step], shape)).sum();
        System.gc();
        Autograd.backward(loss, scale);
        results.add(output.toFloatArray());
        results.add(input.getGradient().toFloatArray());
      }
    }
    for (Pair<String, Parameter> pair : block.getParameters()) {
      NDArray array = pair.getValue().getArray();
      results.add((array.hasGradient() ? array.getGradient() : array).toFloatArray());
    }
    return results;
  }

  private static Block initialize(Block block, NDManager manager) {
    block.initialize(manager, DataType.FLOAT32, new Shape(1, CHANNELS, 2, 2));
    return block;
  }

  private static float[][] shares(int ranks, int seed, int rank) {
    return new float[][] {share(values(ranks, seed), rank), share(values(ranks, seed + 1), rank)};
  }

  private static List<float[]> reference(int ranks) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return train(
          manager,
          initialize(BatchNorm.builder().build(), manager),
          new float[][] {values(ranks, 1), values(ranks, 2)},
          new float[][] {values(ranks, 11), values(ranks, 12)},
          1);
    }
  }

  private static double difference(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < actual.length; i++) {
      difference += Math.pow(actual[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }

  private static float[] sum(List<ArrayList<float[]>> ranks, int index) {
    float[] sum = new float[ranks.get(0).get(index).length];
    for (List<float[]> rank : ranks) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] += rank.get(index)[i];
      }
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void equalsBatchNormOnTheGlobalBatch(int ranks) {
    List<ArrayList<float[]>> actual =
        Launch.onRanks(
            ranks,
            fabric -> {
              int rank = fabric.globalRank();
              try (NDManager manager = NDManager.newBaseManager()) {
                SyncBatchNorm block = SyncBatchNorm.builder().build();
                block.bind(fabric.processGroup(), () -> rows(rank));
                ArrayList<float[]> results =
                    new ArrayList<>(
                        train(
                            manager,
                            initialize(block, manager),
                            shares(ranks, 1, rank),
                            shares(ranks, 11, rank),
                            1));
                block.throwBackwardFailure();
                block.unbind();
                return results;
              }
            });
    List<float[]> expected = reference(ranks);
    for (int rank = 0; rank < ranks; rank++) {
      for (int i = 0; i < 2 * STEPS; i++) {
        assertThat(difference(actual.get(rank).get(i), share(expected.get(i), rank)))
            .as("rank %d, result %d", rank, i)
            .isLessThan(1e-5);
      }
      for (int i = 2 * STEPS + 2; i < expected.size(); i++) {
        assertThat(difference(actual.get(rank).get(i), expected.get(i))).isLessThan(1e-5);
      }
    }
    for (int i = 2 * STEPS; i < 2 * STEPS + 2; i++) {
      assertThat(difference(sum(actual, i), expected.get(i))).as("result %d", i).isLessThan(1e-5);
    }
  }

  /** Rank 2's rows are not-a-number, and count for nothing. */
  @Test
  void fillersLeaveNoTrace() {
    List<ArrayList<float[]>> actual =
        Launch.onRanks(
            3,
            fabric -> {
              int rank = fabric.globalRank();
              boolean filler = rank == 2;
              try (NDManager manager = NDManager.newBaseManager()) {
                SyncBatchNorm block = SyncBatchNorm.builder().build();
                block.bind(fabric.processGroup(), () -> filler ? 0 : rows(rank));
                float[][] nothing = new float[STEPS][ROW];
                Arrays.fill(nothing[0], Float.NaN);
                Arrays.fill(nothing[1], Float.POSITIVE_INFINITY);
                return new ArrayList<>(
                    train(
                        manager,
                        initialize(block, manager),
                        filler ? nothing : shares(2, 1, rank),
                        filler ? nothing : shares(2, 11, rank),
                        filler ? 0 : 1));
              }
            });
    List<float[]> expected = reference(2);
    for (int rank = 0; rank < 2; rank++) {
      for (int i = 0; i < 2 * STEPS; i++) {
        assertThat(difference(actual.get(rank).get(i), share(expected.get(i), rank)))
            .isLessThan(1e-5);
      }
    }
    for (int rank = 0; rank < 3; rank++) {
      for (int i = 2 * STEPS + 2; i < expected.size(); i++) {
        assertThat(difference(actual.get(rank).get(i), expected.get(i))).isLessThan(1e-5);
      }
    }
  }

  @Test
  void hasTheParametersOfBatchNorm() {
    SyncBatchNorm sync = SyncBatchNorm.builder().optScale(false).build();
    Block plain = BatchNorm.builder().optScale(false).build();
    assertThat(sync.getParameters().keys()).isEqualTo(plain.getParameters().keys());
    for (String name : plain.getParameters().keys()) {
      Parameter expected = plain.getParameters().get(name);
      Parameter actual = sync.getParameters().get(name);
      assertThat(actual.getType()).isEqualTo(expected.getType());
      assertThat(actual.requiresGradient()).isEqualTo(expected.requiresGradient());
    }
  }

  @Test
  void rejectsNegativeAxes() {
    assertThatThrownBy(() -> SyncBatchNorm.builder().optAxis(-1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("axis is -1. Count the dimensions from 0; channels are usually 1.");
  }

  @Test
  void rejectsInputsWithoutADeviation() {
    Launch.onRanks(
        2,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            SyncBatchNorm block = SyncBatchNorm.builder().build();
            block.bind(fabric.processGroup(), () -> fabric.isGlobalZero() ? 1 : 0);
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
            ParameterStore store = new ParameterStore(manager, false);
            NDList row = new NDList(manager.ones(new Shape(1, 2)));
            assertThatThrownBy(() -> block.forward(store, row, true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    "SyncBatchNorm got 1 values per channel over all ranks. Training needs at least"
                        + " 2: drop the last batch or use larger ones.");
            NDList integers = new NDList(manager.ones(new Shape(1, 2), DataType.INT32));
            assertThatThrownBy(() -> block.forward(store, integers, true))
                .hasMessage("SyncBatchNorm got an input of int32. Use float32 or float64.");
            return null;
          }
        });
  }
}

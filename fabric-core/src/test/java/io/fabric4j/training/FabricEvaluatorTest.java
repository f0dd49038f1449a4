package io.fabric4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.evaluator.Accuracy;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.Launch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FabricEvaluatorTest {
  private static final int ROWS = 7;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void isTheMeanOverTheRowsOfAllRanks(int ranks) {
    List<ArrayList<Double>> values = Launch.onRanks(ranks, FabricEvaluatorTest::evaluate);
    assertThat(values).allMatch(values.get(0)::equals);
    // L1Loss is the mean of 0 to 6; of these labels, 1 alone equals the predicted class.
    assertThat(values.get(0).get(0)).isCloseTo(21.0 / ROWS, within(1e-6));
    assertThat(values.get(0).get(1)).isCloseTo(1.0 / ROWS, within(1e-6));
  }

  /** Gives a rank every W-th row, in batches of 2 and a last one of what is left. */
  private static ArrayList<Double> evaluate(Fabric rank) {
    FabricEvaluator loss = new FabricEvaluator(Loss.l1Loss());
    FabricEvaluator accuracy = new FabricEvaluator(new Accuracy());
    int[] mine =
        IntStream.range(0, ROWS)
            .filter(row -> row % rank.worldSize() == rank.globalRank())
            .toArray();
    for (int from = 0; from < mine.length; from += 2) {
      int to = Math.min(from + 2, mine.length);
      try (NDManager manager = rank.manager().newSubManager()) {
        float[] rows = new float[to - from];
        float[][] classes = new float[to - from][];
        for (int i = 0; i < rows.length; i++) {
          rows[i] = mine[from + i];
          classes[i] = new float[] {0, 1};
        }
        NDArray labels = manager.create(rows);
        loss.update(new NDList(labels), new NDList(labels.zerosLike()));
        accuracy.update(new NDList(labels), new NDList(manager.create(classes)));
      }
    }
    return new ArrayList<>(List.of(loss.compute(rank), accuracy.compute(rank)));
  }

  @Test
  void leavesFillersOut() {
    List<Double> values =
        Launch.onRanks(
            2,
            rank -> {
              FabricEvaluator loss = new FabricEvaluator(Loss.l1Loss());
              for (FabricBatch batch : ShardedRows.loader(rank, rank.isGlobalZero() ? 5 : 1)) {
                loss.update(batch, batch.getData());
              }
              return loss.compute(rank);
            });
    // Distances 0 to 4 of rank 0, distance 0 of the other.
    assertThat(values).containsExactly(10 / 6.0, 10 / 6.0);
  }

  @Test
  void forgetsRowsOnReset() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricEvaluator loss = new FabricEvaluator(Loss.l1Loss("distance"));
      assertThat(loss.name()).isEqualTo("distance");
      assertThat(loss.compute(fabric)).isNaN();
      update(loss, fabric, 4, 8);
      assertThat(loss.compute(fabric)).isEqualTo(6);
      loss.reset();
      update(loss, fabric, 1);
      update(loss, fabric);
      assertThat(loss.compute(fabric)).isEqualTo(1);
    }
  }

  @Test
  void rejectsLabelsWithoutRows() {
    try (Fabric fabric = Fabric.builder().build()) {
      NDList scalar = new NDList(fabric.manager().create(1f));
      FabricEvaluator loss = new FabricEvaluator(Loss.l1Loss());
      assertThatThrownBy(() -> loss.update(scalar, scalar))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The labels of evaluator L1Loss have shape (): the first axis must be that of the"
                  + " rows. Add one with expandDims(0).");
    }
  }

  private static void update(FabricEvaluator loss, Fabric fabric, float... rows) {
    NDArray labels = fabric.manager().create(rows);
    loss.update(new NDList(labels), new NDList(labels.zerosLike()));
  }
}

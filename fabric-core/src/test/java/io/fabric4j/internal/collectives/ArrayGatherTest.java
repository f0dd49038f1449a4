package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Launch;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.Casts;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArrayGatherTest {
  private interface Body {
    void run(ProcessGroup group, NDManager manager);
  }

  private static void onRanks(int ranks, Body body) {
    Launch.onRanks(
        ranks,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            body.run(fabric.processGroup(), manager);
          }
          return null;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void gatheredArrayHasARowPerRank(int ranks) {
    onRanks(
        ranks,
        (group, manager) -> {
          NDArray all = ArrayGather.allGather(group, manager.create(new int[] {group.rank(), 7}));
          assertThat(all.getShape()).isEqualTo(new Shape(ranks, 2));
          assertThat(all.get(ranks - 1).toIntArray()).containsExactly(ranks - 1, 7);
          assertThat(ArrayGather.allGather(group, manager.create(1f)).getShape())
              .isEqualTo(new Shape(ranks));
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void unevenArraysKeepTheirRows(int ranks) {
    onRanks(
        ranks,
        (group, manager) -> {
          NDArray mine = manager.full(new Shape(group.rank(), 2), group.rank(), DataType.FLOAT32);
          NDList all = ArrayGather.allGatherUneven(group, mine);
          for (int rank = 0; rank < ranks; rank++) {
            assertThat(all.get(rank).getShape()).isEqualTo(new Shape(rank, 2));
            assertThat(all.get(rank).toFloatArray()).containsOnly(fill(rank));
          }
          assertThat(ArrayGather.allGatherConcat(group, mine).getShape())
              .isEqualTo(new Shape(ranks * (ranks - 1) / 2, 2));
        });
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT16", "BFLOAT16", "INT64", "BOOLEAN"})
  void arraysKeepTheirType(DataType type) {
    onRanks(
        2,
        (group, manager) -> {
          NDArray rows = manager.ones(new Shape(1 + group.rank(), 2));
          NDList all = ArrayGather.allGatherUneven(group, Casts.toType(rows, type));
          assertThat(Casts.dataType(all.get(1))).isEqualTo(type);
          assertThat(Casts.toType(all.get(1), DataType.FLOAT32).toFloatArray())
              .containsExactly(1, 1, 1, 1);
          NDArray row = Casts.toType(manager.ones(new Shape(2)), type);
          assertThat(Casts.dataType(ArrayGather.allGather(group, row))).isEqualTo(type);
        });
  }

  private static float[] fill(int rank) {
    return rank == 0 ? new float[0] : new float[] {rank};
  }

  @Test
  void rejectsShapesThatDoNotMatchOnEveryRank() {
    onRanks(
        2,
        (group, manager) -> {
          NDArray rows = manager.zeros(new Shape(1 + group.rank(), 2));
          assertThatThrownBy(() -> ArrayGather.allGather(group, rows))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  "allGather got shape (1, 2) on rank 0 and (2, 2) on rank 1. Use allGatherUneven or"
                      + " allGatherConcat for arrays of different lengths.");
          NDArray columns = manager.zeros(new Shape(2, 1 + group.rank()));
          assertThatThrownBy(() -> ArrayGather.allGatherUneven(group, columns))
              .hasMessage(
                  "allGatherUneven got shape (2, 1) on rank 0 and (2, 2) on rank 1. Only the first"
                      + " dimension may differ, and every array needs one.");
          NDArray typed =
              manager.zeros(new Shape(2), group.rank() == 0 ? DataType.FLOAT32 : DataType.FLOAT64);
          assertThatThrownBy(() -> ArrayGather.allGather(group, typed))
              .hasMessage(
                  "A gather got float32 on rank 0 and float64 on rank 1. Convert the arrays to one"
                      + " data type.");
        });
  }

  @Test
  void metricsAreWeightedByRows() {
    onRanks(
        3,
        (group, manager) -> {
          double loss = group.rank() == 2 ? Double.NaN : group.rank();
          double weight = new double[] {1, 3, 0}[group.rank()];
          assertThat(Metrics.reduce(group, manager, Map.of("loss", loss, "one", 1), weight))
              .isEqualTo(Map.of("loss", 0.75, "one", 1.0));
        });
  }

  @Test
  void rejectsWeightsThatAreNone() {
    onRanks(
        1,
        (group, manager) ->
            assertThatThrownBy(() -> Metrics.reduce(group, manager, Map.of("a", 1), -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weight is -1.0. Use a finite number that is not negative."));
  }
}

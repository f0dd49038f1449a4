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
import io.fabric4j.internal.torch.FlatTensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
                  "allGather got shape (1, 2) on rank 0 and shape (2, 2) on rank 1. Use allGatherUneven or"
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
                  "allGather got float32 on rank 0 and float64 on rank 1. Convert the arrays to one"
                      + " data type.");
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void gathersBfloat16AndTransposedArrays(int ranks) {
    onRanks(
        ranks,
        (group, manager) -> {
          try (FlatTensor zeros = FlatTensor.zeros(DataType.BFLOAT16, 2L * group.rank())) {
            zeros.fill(1.5 + group.rank());
            NDArray mine = zeros.toArray(manager, new Shape(group.rank(), 2));
            NDArray all = ArrayGather.allGatherConcat(group, mine);
            try (FlatTensor elements = FlatTensor.of(all)) {
              assertThat(elements.dataType()).isEqualTo(DataType.BFLOAT16);
              assertThat(elements.length()).isEqualTo((long) ranks * (ranks - 1));
            }
            float[] values = all.toType(DataType.FLOAT32, true).toFloatArray();
            for (int i = 0, rank = 1; rank < ranks; rank++) {
              for (int end = i + 2 * rank; i < end; i++) {
                assertThat(values[i]).isEqualTo(1.5f + rank);
              }
            }
          }
          NDArray transposed = manager.create(new int[] {1, 2, 3, 4}, new Shape(2, 2)).transpose();
          assertThat(ArrayGather.allGather(group, transposed).get(ranks - 1).toIntArray())
              .containsExactly(1, 3, 2, 4);
        });
  }

  @Test
  void reportsAnInvalidArrayToEveryRank() {
    onRanks(
        2,
        (group, manager) ->
            assertThatThrownBy(
                    () ->
                        ArrayGather.allGather(
                            group, group.rank() == 1 ? null : manager.create(new float[2])))
                .hasMessage(
                    group.rank() == 1
                        ? "array is null"
                        : "allGather failed on rank 1: array is null"));
  }
}

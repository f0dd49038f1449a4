package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.fabric4j.Launch;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TreeReductionTest {
  private record Metrics(double loss, int count, Map<String, long[]> more, String name) {}

  private static <T> T reduce(ProcessGroup group, T data, ReduceOp op) {
    try (NDManager manager = NDManager.newBaseManager()) {
      return TreeReduction.allReduce(group, manager, data, op);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void reducesNestedNumbersAndKeepsTypes(int ranks) {
    Launch.onRanks(
        ranks,
        fabric -> {
          int rank = fabric.globalRank();
          Metrics mine =
              new Metrics(rank + 0.5, rank, Map.of("b", new long[] {rank, 1}), "rank " + rank);
          List<Object> all = List.of(mine, (short) rank, rank == 0, 2f * rank);
          List<Object> result = reduce(fabric.processGroup(), all, ReduceOp.SUM);
          int sum = ranks * (ranks - 1) / 2;
          Metrics reduced = (Metrics) result.get(0);
          assertThat(reduced.loss()).isEqualTo(sum + 0.5 * ranks);
          assertThat(reduced.count()).isEqualTo(sum);
          assertThat(reduced.more().get("b")).containsExactly(sum, ranks);
          assertThat(reduced.name()).isEqualTo("rank " + rank);
          assertThat(result.subList(1, 4)).isEqualTo(List.of((short) sum, true, 2f * sum));
          return null;
        });
  }

  @Test
  void meanTruncatesIntegersTowardZero() {
    Launch.onRanks(
        2,
        fabric -> {
          int rank = fabric.globalRank();
          ProcessGroup group = fabric.processGroup();
          assertThat(reduce(group, -3 * rank, ReduceOp.AVG)).isEqualTo(-1);
          assertThat(reduce(group, List.of(-3 * rank, 1.0 * rank), ReduceOp.AVG))
              .isEqualTo(List.of(-1, 0.5));
          assertThat(reduce(group, rank == 0, ReduceOp.AVG)).isFalse();
          assertThat(reduce(group, Long.MAX_VALUE - rank, ReduceOp.MAX)).isEqualTo(Long.MAX_VALUE);
          return null;
        });
  }

  @Test
  void reducesArraysInPlace() {
    Launch.onRanks(
        2,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new float[] {fabric.globalRank(), 4});
            assertThat(reduce(fabric.processGroup(), array, ReduceOp.AVG)).isSameAs(array);
            assertThat(array.toFloatArray()).containsExactly(0.5f, 4);
            return null;
          }
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void reducesSeveralArraysAndListsOfArrays(int ranks) {
    Launch.onRanks(
        ranks,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            int rank = fabric.globalRank();
            NDArray first = manager.create(rank);
            NDArray second = manager.create(new double[] {rank, 2});
            NDArray third = manager.create(new float[] {1, rank});
            Map<String, Object> data =
                Map.of("b", new NDList(first, second), "a", List.of(third, 1));
            Map<String, Object> result = reduce(fabric.processGroup(), data, ReduceOp.SUM);
            int sum = ranks * (ranks - 1) / 2;
            assertThat((NDList) result.get("b")).containsExactly(first, second);
            assertThat(first.toIntArray()).containsExactly(sum);
            assertThat(second.toDoubleArray()).containsExactly(sum, 2 * ranks);
            assertThat(third.toFloatArray()).containsExactly(ranks, sum);
            assertThat(result.get("a")).isEqualTo(List.of(third, ranks));
            return null;
          }
        });
  }

  @ParameterizedTest
  @EnumSource(ReduceOp.class)
  void booleanArraysFollowTheRuleOfBooleans(ReduceOp op) {
    Launch.onRanks(
        3,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            boolean[] mine = {true, fabric.globalRank() == 1, false};
            NDArray array = manager.create(mine);
            boolean[] numbers = reduce(fabric.processGroup(), mine, op);
            reduce(fabric.processGroup(), array, op);
            assertThat(array.toBooleanArray()).containsExactly(numbers);
            boolean any = op == ReduceOp.SUM || op == ReduceOp.MAX;
            assertThat(numbers).containsExactly(true, any, false);
            return null;
          }
        });
  }

  @Test
  void rejectsDifferentStructuresOnEveryRank() {
    Launch.onRanks(
        2,
        fabric -> {
          List<Number> data = fabric.isGlobalZero() ? List.of(1, 2.0) : List.of(1);
          assertThatThrownBy(() -> reduce(fabric.processGroup(), data, ReduceOp.SUM))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  "allReduce got SUM of 1 integers, 1 floating-point numbers and the arrays [] on"
                      + " rank 0 and SUM of 1 integers, 0 floating-point numbers and the arrays []"
                      + " on rank 1. Pass the same structure and operation on every rank.");
          return null;
        });
  }

  private record Linked(LinkedList<Integer> values) {}

  @Test
  void rejectsRecordsThatItCannotRebuild() {
    Launch.onRanks(
        1,
        fabric -> {
          Linked data = new Linked(new LinkedList<>(List.of(1)));
          assertThatThrownBy(() -> reduce(fabric.processGroup(), data, ReduceOp.SUM))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  "Cannot rebuild the record "
                      + Linked.class.getName()
                      + " with components of [ArrayList]: java.lang.IllegalArgumentException:"
                      + " argument type mismatch. Declare lists as List, maps as Map, and let its"
                      + " constructor accept the values that the ranks make.");
          return null;
        });
  }
}

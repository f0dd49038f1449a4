package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.Launch;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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
}

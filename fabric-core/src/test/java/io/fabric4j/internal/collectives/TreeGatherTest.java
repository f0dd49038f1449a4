package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Launch;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeGatherTest {
  private record Loss(double value) {}

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyLeafGetsARowPerRank(int ranks) {
    Launch.onRanks(
        ranks,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            int rank = fabric.globalRank();
            NDArray array = manager.create(new float[] {rank, 1});
            List<Object> scalars =
                List.of(1.5 * rank, 1.5f, (long) rank, rank, (short) rank, (byte) rank, rank > 0);
            Map<String, Object> data =
                Map.of(
                    "scalars",
                    scalars,
                    "list",
                    new NDList(array, array),
                    "row",
                    new long[] {rank, 5},
                    "name",
                    "rank " + rank);
            Map<?, ?> all = (Map<?, ?>) TreeGather.allGather(fabric.processGroup(), manager, data);
            assertThat(all.get("name")).isEqualTo("rank " + rank);
            NDList list = (NDList) all.get("list");
            assertThat(list.get(1).getShape()).isEqualTo(new Shape(ranks, 2));
            assertThat(list.get(1).get(ranks - 1).toFloatArray()).containsExactly(ranks - 1, 1);
            assertThat(((NDArray) all.get("row")).get(ranks - 1).toLongArray())
                .containsExactly(ranks - 1, 5);
            List<NDArray> columns =
                ((List<?>) all.get("scalars")).stream().map(NDArray.class::cast).toList();
            assertThat(columns.stream().map(NDArray::getDataType))
                .containsExactly(
                    DataType.FLOAT64,
                    DataType.FLOAT32,
                    DataType.INT64,
                    DataType.INT32,
                    DataType.INT32,
                    DataType.INT8,
                    DataType.BOOLEAN);
            assertThat(columns.get(0).toDoubleArray()).hasSize(ranks).endsWith(1.5 * (ranks - 1));
            assertThat(columns.get(4).toIntArray()).hasSize(ranks).endsWith(ranks - 1);
            return null;
          }
        });
  }

  @Test
  void rejectsStructuresThatDoNotMatchOnEveryRank() {
    Launch.onRanks(
        2,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            Object data = fabric.isGlobalZero() ? 1 : manager.create(1f);
            assertThatThrownBy(() -> TreeGather.allGather(fabric.processGroup(), manager, data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    "allGather got [Integer] and the arrays [] on rank 0 and [] and the arrays"
                        + " [float32 ()] on rank 1. Pass the same structure on every rank.");
            assertThatThrownBy(
                    () -> TreeGather.allGather(fabric.processGroup(), manager, new Loss(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Cannot rebuild the record " + Loss.class.getName());
            return null;
          }
        });
  }
}

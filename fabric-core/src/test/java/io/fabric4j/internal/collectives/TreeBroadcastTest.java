package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Launch;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TreeBroadcastTest {
  @SuppressWarnings("serial")
  private record State(String name, NDArray weights, Map<String, Object> more)
      implements Serializable {}

  private static NDArray bfloat16(NDManager manager) {
    try (FlatTensor elements = FlatTensor.zeros(DataType.BFLOAT16, 2)) {
      elements.fill(2.5);
      return elements.toArray(manager, new Shape(2, 1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void sendsArraysAnywhereInAnObject(int ranks) {
    int source = ranks - 1;
    Launch.onRanks(
        ranks,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            State mine = null;
            if (fabric.globalRank() == source) {
              NDArray named = manager.create(new long[] {7});
              named.setName("seven");
              NDArray matrix = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2));
              mine =
                  new State(
                      "model",
                      matrix.transpose(),
                      Map.of("list", new NDList(named, bfloat16(manager)), "all", List.of(1, "a")));
            }
            State result = TreeBroadcast.broadcast(fabric.processGroup(), manager, mine, source);
            assertThat(result.name()).isEqualTo("model");
            assertThat(result.weights().toFloatArray()).containsExactly(1, 3, 2, 4);
            assertThat(result.weights().getShape()).isEqualTo(new Shape(2, 2));
            NDList list = (NDList) result.more().get("list");
            assertThat(list.get(0).getName()).isEqualTo("seven");
            assertThat(list.get(0).toLongArray()).containsExactly(7);
            assertThat(list.get(1).toType(DataType.FLOAT32, true).toFloatArray())
                .containsExactly(2.5f, 2.5f);
            assertThat(result.more().get("all")).isEqualTo(List.of(1, "a"));
            return null;
          }
        });
  }

  @Test
  void sendsNullAndSingleArrays() {
    Launch.onRanks(
        2,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            NDArray mine = manager.create(fabric.globalRank());
            NDArray result = TreeBroadcast.broadcast(fabric.processGroup(), manager, mine, 1);
            assertThat(result.getInt()).isEqualTo(1);
            assertThat(mine.getInt()).isEqualTo(fabric.globalRank());
            Object none = fabric.isGlobalZero() ? null : "ignored";
            assertThat(TreeBroadcast.broadcast(fabric.processGroup(), manager, none, 0)).isNull();
            return null;
          }
        });
  }

  @Test
  void reportsWhatIsNotSerializableToEveryRank() {
    Launch.onRanks(
        2,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            List<Object> data = List.of(new Object());
            assertThatThrownBy(
                    () -> TreeBroadcast.broadcast(fabric.processGroup(), manager, data, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                    (fabric.isGlobalZero() ? "" : "broadcast failed on rank 0: ")
                        + "Cannot serialize an object of java.util.ImmutableCollections$List12:"
                        + " java.io.NotSerializableException: java.lang.Object. Objects for other"
                        + " ranks, and all they refer to except arrays, implement Serializable.");
            return null;
          }
        });
  }

  @Test
  void rejectsSourcesThatDoNotMatchOnEveryRank() {
    Launch.onRanks(
        2,
        fabric -> {
          try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(
                    () ->
                        TreeBroadcast.broadcast(
                            fabric.processGroup(), manager, "a", fabric.globalRank()))
                .hasMessage(
                    "broadcast got source 0 on rank 0 and source 1 on rank 1. Pass the same source"
                        + " on every rank.");
            assertThatThrownBy(
                    () -> TreeBroadcast.broadcast(fabric.processGroup(), manager, "a", 2))
                .hasMessage("source 2 lies outside a group of 2 ranks, 0 to 1.");
            return null;
          }
        });
  }
}

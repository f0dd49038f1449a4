package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.spark.internal.data.ColumnSpec;
import io.fabric4j.spark.internal.data.Table;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;

class ShardsTest {
  private static final Table EMPTY =
      Table.empty("train", List.of(new ColumnSpec("x", DataType.FLOAT32, List.of(3L))));
  private static final Shards SHARDS = new Shards(Map.of("train", EMPTY));

  @Test
  void namesTheInputsIfOneIsUnknown() {
    assertThatThrownBy(() -> SHARDS.get("test"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage(
            "There is no input 'test'. The launch has [train]; inputs are named by"
                + " SparkFabric.Builder.input.");
  }

  @Test
  void namesTheColumnsIfOneIsUnknown() {
    assertThatThrownBy(() -> SHARDS.get("train").dataset(List.of("x"), List.of("y")))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("Input 'train' has no column 'y'. Its columns are [x].");
  }

  @Test
  void knowsColumnsWithoutRows() {
    Shard shard = SHARDS.get("train");

    assertThat(shard.rows()).isZero();
    assertThat(shard.columns()).containsExactly("x");
    assertThat(shard.shape("x")).isEqualTo(new Shape(3));
    assertThat(shard.dataType("x")).isEqualTo(DataType.FLOAT32);
  }

  @Test
  void makesADatasetWithoutRows() {
    RandomAccessDataset dataset = SHARDS.get("train").dataset(List.of("x"), List.of());

    assertThat(dataset.size()).isZero();
  }
}

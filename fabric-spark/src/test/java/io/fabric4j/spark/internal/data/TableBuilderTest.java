package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.spark.HandleInvalid;
import java.util.Arrays;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableBuilderTest {
  private NDManager manager;
  private TableBuilder builder;
  private Table table;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager("PyTorch");
    builder = Tables.builder(HandleInvalid.ERROR);
  }

  @AfterEach
  void close() {
    builder.close();
    manager.close();
    if (table != null) {
      table.close();
    }
  }

  @Test
  void makesATensorOfEachType() {
    builder
        .put("float", 1.5f)
        .put("double", 2.5)
        .put("int", 3)
        .put("long", 1L << 40)
        .put("boolean", true)
        .put("floats", new float[] {1, 2})
        .put("doubles", new double[] {3, 4, 5})
        .put("bytes", new byte[] {(byte) 200})
        .put("vector", Vectors.dense(6, 7))
        .endRow();

    table = builder.build();

    assertThat(table.rows()).isEqualTo(1);
    assertColumn("float", DataType.FLOAT32, new Shape(1), 1.5f);
    assertColumn("double", DataType.FLOAT32, new Shape(1), 2.5f);
    assertColumn("int", DataType.INT32, new Shape(1), 3);
    assertColumn("long", DataType.INT64, new Shape(1), 1L << 40);
    assertColumn("boolean", DataType.BOOLEAN, new Shape(1), true);
    assertColumn("floats", DataType.FLOAT32, new Shape(1, 2), 1f, 2f);
    assertColumn("doubles", DataType.FLOAT32, new Shape(1, 3), 3f, 4f, 5f);
    assertColumn("vector", DataType.FLOAT32, new Shape(1, 2), 6f, 7f);
    NDArray bytes = column("bytes");
    assertThat(bytes.getDataType()).isEqualTo(DataType.UINT8);
    assertThat(bytes.toUint8Array()).containsExactly(200);
  }

  private void assertColumn(String column, DataType type, Shape shape, Object... values) {
    NDArray array = column(column);
    assertThat(array.getDataType()).isEqualTo(type);
    assertThat(array.getShape()).isEqualTo(shape);
    assertThat(table.column(column).rowShape()).isEqualTo(shape.slice(1));
    Object[] actual =
        type == DataType.BOOLEAN ? new Object[] {array.toBooleanArray()[0]} : array.toArray();
    assertThat(actual).containsExactly(values);
  }

  private NDArray column(String name) {
    return Tables.column(manager, table, name);
  }

  @Test
  void keepsShapes() {
    builder
        .put("floats", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
        .put("ints", new int[] {7, 8}, 2, 1)
        .put("longs", new long[] {9})
        .put("booleans", new boolean[] {true, false})
        .put("image", new byte[12], 2, 2, 3)
        .endRow();

    table = builder.build();

    assertThat(column("floats").getShape()).isEqualTo(new Shape(1, 2, 3));
    assertThat(column("floats").toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
    assertThat(column("ints").getShape()).isEqualTo(new Shape(1, 2, 1));
    assertThat(column("ints").toIntArray()).containsExactly(7, 8);
    assertThat(column("longs").toLongArray()).containsExactly(9);
    assertThat(column("booleans").toBooleanArray()).containsExactly(true, false);
    assertThat(column("image").getShape()).isEqualTo(new Shape(1, 2, 2, 3));
  }

  @Test
  void rejectsAShapeOfOtherSize() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", new byte[11], 2, 2, 3))
        .withMessageEndingWith("has 11 elements, which do not make the shape (2, 2, 3).");
  }

  @Test
  void storesSparseVectorsDensely() {
    Vector[] vectors = {
      Vectors.sparse(4, new int[] {1, 3}, new double[] {5, 6}),
      Vectors.sparse(4, new int[0], new double[0]),
      Vectors.dense(1, 2, 3, 4)
    };
    for (Vector vector : vectors) {
      builder.put("v", vector).endRow();
    }

    table = builder.build();
    NDArray array = column("v");

    assertThat(array.getShape()).isEqualTo(new Shape(3, 4));
    assertThat(array.toFloatArray()).containsExactly(0, 5, 0, 6, 0, 0, 0, 0, 1, 2, 3, 4);
  }

  @Test
  void growsBeyondItsFirstCapacity() {
    int rows = 100_000;
    for (int i = 0; i < rows; i++) {
      builder.put("x", new float[] {i, -i, 2 * i}).put("y", (long) i).endRow();
    }

    table = builder.build();

    assertThat(table.rows()).isEqualTo(rows);
    float[] x = column("x").toFloatArray();
    long[] y = column("y").toLongArray();
    assertThat(x).hasSize(3 * rows);
    for (int i = 0; i < rows; i++) {
      assertThat(x[3 * i]).isEqualTo(i);
      assertThat(x[3 * i + 2]).isEqualTo(2 * i);
      assertThat(y[i]).isEqualTo(i);
    }
  }

  @Test
  void buildsATableWithoutRows() {
    table = builder.build();

    assertThat(table.rows()).isZero();
    assertThat(table.columns()).isEmpty();
  }

  @Test
  void fingerprintsTheOrderOfRows() {
    long forward = fingerprint(1, 2, 3);

    assertThat(fingerprint(1, 2, 3)).isEqualTo(forward);
    assertThat(fingerprint(1, 3, 2)).isNotEqualTo(forward);
    assertThat(fingerprint(1, 2)).isNotEqualTo(forward);
    assertThat(fingerprint()).isNotEqualTo(fingerprint(0));
  }

  private long fingerprint(int... values) {
    try (TableBuilder rows = Tables.builder(HandleInvalid.ERROR)) {
      for (int value : values) {
        rows.put("x", value).put("flag", value == 3).endRow();
      }
      try (Table built = rows.build()) {
        return built.fingerprint();
      }
    }
  }

  /** In memory, and in files. */
  @ParameterizedTest
  @ValueSource(longs = {1 << 28, 1 << 12, 0})
  void sortsRowsHoweverTheyCome(long memoryBudget) {
    int rows = 5000;
    float[] ordered = {};
    long fingerprint = 0;
    for (int step : new int[] {1, 7, 4999}) {
      try (TableBuilder sorting = Tables.sorting(memoryBudget)) {
        for (int i = 0; i < rows; i++) {
          int id = (int) ((long) i * step % rows) / 2; // each row twice
          sorting.put("x", (float) id).put("y", new long[] {id, -id}).endRow();
        }
        try (Table sorted = sorting.build()) {
          float[] x = Tables.column(manager, sorted, "x").toFloatArray();
          long[] y = Tables.column(manager, sorted, "y").toLongArray();
          for (int i = 0; i < rows; i++) {
            assertThat(y[2 * i + 1]).isEqualTo((long) -x[i]);
          }
          if (step == 1) {
            ordered = x;
            fingerprint = sorted.fingerprint();
          }
          assertThat(x).isEqualTo(ordered);
          assertThat(sorted.fingerprint()).isEqualTo(fingerprint);
        }
      }
    }
    Arrays.sort(ordered);
    assertThat(ordered[rows - 1]).isEqualTo(2499);
  }

  @Test
  void rejectsAnotherType() {
    builder.put("x", 1L).endRow();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", 1f))
        .withMessageContaining("row 1 of this rank, is float32, but int64 in the first row.");
  }

  @Test
  void rejectsAColumnWrittenTwice() {
    builder.put("x", 1f);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", 2f))
        .withMessageContaining("is written twice. Write each column once per row.");
  }

  @Test
  void rejectsAMissingColumn() {
    builder.put("x", 1f).put("y", 1f).endRow();
    builder.put("x", 1f);

    assertThatIllegalArgumentException()
        .isThrownBy(builder::endRow)
        .withMessage(
            "Column 'y' of input 'train', row 1 of this rank, is missing. Write every column in each"
                + " row.");
  }

  @Test
  void rejectsColumnsOutOfTurn() {
    builder.put("x", 1f).put("y", 1f).endRow();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("y", 1f))
        .withMessageContaining(
            "comes where the first row has 'x'. Write the same columns in the same order in each row.");
    builder.put("x", 1f).put("y", 1f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("z", 1f))
        .withMessageContaining("comes where the first row has no column.");
  }

  @Test
  void rejectsARowWithoutColumns() {
    assertThatIllegalArgumentException()
        .isThrownBy(builder::endRow)
        .withMessage("Row 0 of input 'train' has no columns. Write at least one.");
  }
}

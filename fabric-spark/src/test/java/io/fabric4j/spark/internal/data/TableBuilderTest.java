package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.torch.TorchLibrary;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TableBuilderTest {
  private NDManager manager;
  private TableBuilder builder;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager("PyTorch");
    builder = new TableBuilder("train", manager);
  }

  @AfterEach
  void close() {
    builder.close();
    manager.close();
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

    Table table = builder.build();

    assertThat(table.rows()).isEqualTo(1);
    assertColumn(table, "float", DataType.FLOAT32, new Shape(1), 1.5f);
    assertColumn(table, "double", DataType.FLOAT32, new Shape(1), 2.5f);
    assertColumn(table, "int", DataType.INT32, new Shape(1), 3);
    assertColumn(table, "long", DataType.INT64, new Shape(1), 1L << 40);
    assertColumn(table, "boolean", DataType.BOOLEAN, new Shape(1), true);
    assertColumn(table, "floats", DataType.FLOAT32, new Shape(1, 2), 1f, 2f);
    assertColumn(table, "doubles", DataType.FLOAT32, new Shape(1, 3), 3f, 4f, 5f);
    assertColumn(table, "vector", DataType.FLOAT32, new Shape(1, 2), 6f, 7f);
    NDArray bytes = table.arrays().get("bytes");
    assertThat(bytes.getDataType()).isEqualTo(DataType.UINT8);
    assertThat(bytes.toUint8Array()).containsExactly(200);
  }

  private static void assertColumn(
      Table table, String column, DataType type, Shape shape, Object... values) {
    NDArray array = table.arrays().get(column);
    assertThat(array.getDataType()).isEqualTo(type);
    assertThat(array.getShape()).isEqualTo(shape);
    assertThat(table.column(column).rowShape()).isEqualTo(shape.slice(1));
    Object[] actual =
        type == DataType.BOOLEAN ? new Object[] {array.toBooleanArray()[0]} : array.toArray();
    assertThat(actual).containsExactly(values);
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

    NDArray array = builder.build().arrays().get("v");

    assertThat(array.getShape()).isEqualTo(new Shape(3, 4));
    assertThat(array.toFloatArray()).containsExactly(0, 5, 0, 6, 0, 0, 0, 0, 1, 2, 3, 4);
  }

  @Test
  void growsBeyondItsFirstCapacity() {
    int rows = 100_000;
    for (int i = 0; i < rows; i++) {
      builder.put("x", new float[] {i, -i, 2 * i}).put("y", (long) i).endRow();
    }

    Table table = builder.build();

    assertThat(table.rows()).isEqualTo(rows);
    float[] x = table.arrays().get("x").toFloatArray();
    long[] y = table.arrays().get("y").toLongArray();
    assertThat(x).hasSize(3 * rows);
    for (int i = 0; i < rows; i++) {
      assertThat(x[3 * i]).isEqualTo(i);
      assertThat(x[3 * i + 2]).isEqualTo(2 * i);
      assertThat(y[i]).isEqualTo(i);
    }
  }

  @Test
  void keepsNaN() {
    builder.put("x", Double.NaN).endRow();

    assertThat(builder.build().arrays().get("x").toFloatArray()).containsExactly(Float.NaN);
  }

  @Test
  void buildsATableWithoutRows() {
    Table table = builder.build();

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
    try (TableBuilder rows = new TableBuilder("train", manager)) {
      for (int value : values) {
        rows.put("x", value).put("flag", value == 3).endRow();
      }
      return rows.build().fingerprint();
    }
  }

  @Test
  void rejectsNull() {
    builder.put("x", new float[] {1}).endRow();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", (float[]) null))
        .withMessage(
            "Column 'x' of input 'train', row 1 of this rank, is null or contains null. Fill or drop"
                + " such rows first, for example with df.na().drop().");
  }

  @Test
  void rejectsRaggedArrays() {
    builder.put("x", new float[] {1, 2}).endRow();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", new float[] {1, 2, 3}))
        .withMessage(
            "Column 'x' of input 'train', row 1 of this rank, is float32 (3), but float32 (2) in row"
                + " 0. All rows of a column have one type and length; cast, pad or cut them first.");
  }

  @Test
  void rejectsAnotherType() {
    builder.put("x", 1L).endRow();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", 1f))
        .withMessageContaining("row 1 of this rank, is float32, but int64 in row 0.");
  }

  @Test
  void rejectsEmptyArrays() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("x", new float[0]))
        .withMessageContaining("row 0 of this rank, is an array without elements.");
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
            "comes where row 0 has 'x'. Write the same columns in the same order in each row.");
    builder.put("x", 1f).put("y", 1f);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.put("z", 1f))
        .withMessageContaining("comes where row 0 has no column.");
  }

  @Test
  void rejectsARowWithoutColumns() {
    assertThatIllegalArgumentException()
        .isThrownBy(builder::endRow)
        .withMessage("Row 0 of input 'train' has no columns. Write at least one.");
  }
}

package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.spark.HandleInvalid;
import java.util.function.Consumer;
import org.apache.spark.ml.linalg.Vectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HandleInvalidTest {
  private static final String ADVICE =
      ". Correct or drop such rows first, for example with df.na().drop(), or set"
          + " spark.fabric.data.handle-invalid to skip or keep.";
  private static final float[] PAIR = {1, 2};

  private NDManager manager;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager("PyTorch");
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void rejectsWithColumnAndRow() {
    assertRejected(row -> row.put("x", (float[]) null), "is null or contains null");
    assertRejected(row -> row.put("x", (double[]) null), "is null or contains null");
    assertRejected(row -> row.putNull("x"), "is null or contains null");
    assertRejected(row -> row.put("x", new float[] {3, Float.NaN}), "has null or NaN as element 1");
    assertRejected(
        row -> row.put("x", Vectors.sparse(2, new int[] {0}, new double[] {Double.NaN})),
        "has null or NaN as element 0");
    assertRejected(
        row -> row.put("x", new double[] {3, 4, 5}),
        "has the shape (3), but (2) in the first row of this rank; all rows of a column have one"
            + " shape");
    assertRejected(
        row -> row.put("x", new float[] {3, 4}, 1, 2),
        "has the shape (1, 2), but (2) in the first row of this rank; all rows of a column have one"
            + " shape");
    assertRejected(row -> row.putInvalid("x", "is a square"), "is a square");
  }

  private static void assertRejected(Consumer<TableBuilder> invalid, String problem) {
    try (TableBuilder builder = Tables.builder(HandleInvalid.ERROR)) {
      builder.put("x", PAIR).endRow();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> invalid.accept(builder))
          .withMessage("Column 'x' of input 'train', row 1 of this rank, " + problem + ADVICE);
    }
  }

  @Test
  void rejectsScalarsAndEmptyArraysOfTheFirstRow() {
    try (TableBuilder builder = Tables.builder(HandleInvalid.ERROR)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.put("x", Double.NaN))
          .withMessage("Column 'x' of input 'train', row 0 of this rank, is null or NaN" + ADVICE);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.put("x", new float[0]))
          .withMessageContaining("row 0 of this rank, is an array without elements.");
    }
  }

  @Test
  void skipsInvalidRowsAlsoTheFirst() {
    try (TableBuilder builder = Tables.builder(HandleInvalid.SKIP)) {
      builder.put("y", 1).put("x", Float.NaN).put("z", 1L).endRow();
      builder.put("y", 2).put("x", 2f).put("z", 2L).endRow();
      builder.putNull("y").put("x", 3f).put("z", 3L).endRow();
      builder.put("y", 4).put("x", 4f).put("z", 4L).endRow();
      builder.put("y", 5).put("x", new float[] {1, Float.NaN}).put("z", 5L).endRow();

      try (Table table = builder.build()) {
        assertThat(table.rows()).isEqualTo(2);
        assertThat(table.skipped()).isEqualTo(3);
        assertThat(Tables.column(manager, table, "y").toIntArray()).containsExactly(2, 4);
        assertThat(Tables.column(manager, table, "x").toFloatArray()).containsExactly(2, 4);
        assertThat(Tables.column(manager, table, "z").toLongArray()).containsExactly(2, 4);
      }
    }
  }

  @Test
  void skipsAllRowsAndKnowsNoColumns() {
    try (TableBuilder builder = Tables.builder(HandleInvalid.SKIP)) {
      builder.put("x", new float[0]).endRow();

      try (Table table = builder.build()) {
        assertThat(table.rows()).isZero();
        assertThat(table.columns()).isEmpty();
        assertThat(table.skipped()).isEqualTo(1);
      }
    }
  }

  @Test
  void keepsNullsNaNAndShortArraysAsNaN() {
    float nan = Float.NaN;
    try (TableBuilder builder = Tables.builder(HandleInvalid.KEEP)) {
      builder.put("x", PAIR).put("y", nan).endRow();
      builder.put("x", new double[] {3}).put("y", 1f).endRow();
      builder.put("x", new float[0]).put("y", 2f).endRow();
      builder.putNull("x").putNull("y").endRow();
      builder.put("x", new float[] {nan, 4}).put("y", 3f).endRow();

      try (Table table = builder.build()) {
        assertThat(Tables.column(manager, table, "x").toFloatArray())
            .containsExactly(1, 2, 3, nan, nan, nan, nan, nan, nan, 4);
        assertThat(Tables.column(manager, table, "y").toFloatArray())
            .containsExactly(nan, 1, 2, nan, 3);
        assertThat(table.skipped()).isZero();
      }
    }
  }

  @Test
  void cannotKeepWhatNaNDoesNotExpress() {
    String advice =
        ", and NaN cannot express it. Cast the column to double, pad or drop such rows first, or"
            + " set spark.fabric.data.handle-invalid to skip.";
    try (TableBuilder builder = Tables.builder(HandleInvalid.KEEP)) {
      builder.put("x", PAIR).put("y", 1).endRow();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.put("x", new float[] {1, 2, 3}))
          .withMessageContaining("has the shape (3), but (2)")
          .withMessageEndingWith(advice);
      builder.put("x", PAIR);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.putNull("y"))
          .withMessage(
              "Column 'y' of input 'train', row 1 of this rank, is null or contains null" + advice);
    }
  }
}

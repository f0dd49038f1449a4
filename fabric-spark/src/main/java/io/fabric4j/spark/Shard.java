package io.fabric4j.spark;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.spark.internal.data.PartitionDataset;
import io.fabric4j.spark.internal.data.Table;
import java.util.List;

/**
 * This rank's rows of one input, as one tensor per column. Ranks may hold different numbers of
 * rows, none included.
 */
public final class Shard {
  private final Table table;

  Shard(Table table) {
    this.table = table;
  }

  /** Returns the number of rows on this rank. */
  public long rows() {
    return table.rows();
  }

  /**
   * Returns a 64-bit hash of this rank's rows, all columns, in their order. Equal rows in an equal
   * order have equal hashes; a resumed run can tell whether it reads the same data.
   */
  public long fingerprint() {
    return table.fingerprint();
  }

  /** Returns how many rows of the input were left out as {@link HandleInvalid#SKIP} says. */
  public long skippedRows() {
    return table.skipped();
  }

  /** Returns the names of the columns; empty if no rank has any row. */
  public List<String> columns() {
    return table.columns();
  }

  /**
   * Returns the shape of one row of a column, the same on every rank; {@code ()} for a scalar.
   *
   * @throws java.util.NoSuchElementException if there is no such column
   */
  public Shape shape(String column) {
    return table.column(column).rowShape();
  }

  /**
   * Returns the type of a column, the same on every rank.
   *
   * @throws java.util.NoSuchElementException if there is no such column
   */
  public DataType dataType(String column) {
    return table.column(column).dataType();
  }

  /**
   * Returns this rank's rows for {@link io.fabric4j.FabricDataLoader#of}: batches with one array
   * per named column. Data loaders do not distribute it again, and it works with 0 rows.
   *
   * @param data columns that go into {@code batch.getData()}, in this order
   * @param labels columns that go into {@code batch.getLabels()}
   * @throws java.util.NoSuchElementException if there is no such column
   */
  public RandomAccessDataset dataset(List<String> data, List<String> labels) {
    return PartitionDataset.of(table, data, labels);
  }
}

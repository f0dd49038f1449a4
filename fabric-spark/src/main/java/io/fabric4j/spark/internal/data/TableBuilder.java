package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.spark.RowWriter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;

/** Collects the rows of one partition of an input. */
final class TableBuilder implements RowWriter, AutoCloseable {
  private final String input;
  private final NDManager manager;
  private final List<ColumnBuffer> columns = new ArrayList<>();
  private long row;
  private int cursor;

  /**
   * Starts without rows.
   *
   * @param manager owner of the columns
   */
  TableBuilder(String input, NDManager manager) {
    this.input = input;
    this.manager = manager;
  }

  @Override
  public TableBuilder put(String column, float value) {
    next(column, DataType.FLOAT32, ColumnSpec.SCALAR).putFloat(value);
    return this;
  }

  @Override
  public TableBuilder put(String column, double value) {
    return put(column, (float) value);
  }

  @Override
  public TableBuilder put(String column, int value) {
    next(column, DataType.INT32, ColumnSpec.SCALAR).putInt(value);
    return this;
  }

  @Override
  public TableBuilder put(String column, long value) {
    next(column, DataType.INT64, ColumnSpec.SCALAR).putLong(value);
    return this;
  }

  @Override
  public TableBuilder put(String column, boolean value) {
    next(column, DataType.BOOLEAN, ColumnSpec.SCALAR).put((byte) (value ? 1 : 0));
    return this;
  }

  @Override
  public TableBuilder put(String column, float[] values) {
    requireValue(column, values);
    ByteBuffer target = next(column, DataType.FLOAT32, width(column, values.length));
    for (float value : values) {
      target.putFloat(value);
    }
    return this;
  }

  @Override
  public TableBuilder put(String column, double[] values) {
    requireValue(column, values);
    ByteBuffer target = next(column, DataType.FLOAT32, width(column, values.length));
    for (double value : values) {
      target.putFloat((float) value);
    }
    return this;
  }

  @Override
  public TableBuilder put(String column, byte[] values) {
    requireValue(column, values);
    next(column, DataType.UINT8, width(column, values.length)).put(values);
    return this;
  }

  @Override
  public TableBuilder put(String column, Vector vector) {
    requireValue(column, vector);
    if (!(vector instanceof SparseVector sparse)) {
      return put(column, vector.toArray());
    }
    ByteBuffer target = next(column, DataType.FLOAT32, width(column, sparse.size()));
    int position = 0;
    for (int i = 0; i < sparse.indices().length; i++) {
      position = zeros(target, position, sparse.indices()[i]) + 1;
      target.putFloat((float) sparse.values()[i]);
    }
    zeros(target, position, sparse.size());
    return this;
  }

  private static int zeros(ByteBuffer target, int from, int to) {
    for (int i = from; i < to; i++) {
      target.putFloat(0f);
    }
    return to;
  }

  private void requireValue(String column, Object value) {
    if (value == null) {
      throw invalid(
          column,
          "is null or contains null. Fill or drop such rows first, for example with"
              + " df.na().drop().");
    }
  }

  private int width(String column, int length) {
    if (length == 0) {
      throw invalid(column, "is an array without elements. Leave out such rows, or pad them.");
    }
    return length;
  }

  /** Returns where the value of a column in the current row goes. */
  private ByteBuffer next(String column, DataType dataType, int width) {
    if (row == 0) {
      checkNew(column);
      columns.add(new ColumnBuffer(new ColumnSpec(column, dataType, width), manager));
    } else {
      checkTurn(column);
      checkType(columns.get(cursor).spec(), dataType, width);
    }
    return columns.get(cursor++).nextRow();
  }

  private void checkNew(String column) {
    if (columns.stream().anyMatch(other -> other.spec().name().equals(column))) {
      throw invalid(column, "is written twice. Write each column once per row.");
    }
  }

  private void checkTurn(String column) {
    String expected = cursor < columns.size() ? columns.get(cursor).spec().name() : null;
    if (!column.equals(expected)) {
      throw invalid(
          column,
          "comes where row 0 has "
              + (expected == null ? "no column" : "'" + expected + "'")
              + ". Write the same columns in the same order in each row.");
    }
  }

  private void checkType(ColumnSpec spec, DataType dataType, int width) {
    if (spec.dataType() != dataType || spec.width() != width) {
      throw invalid(
          spec.name(),
          "is "
              + new ColumnSpec(spec.name(), dataType, width).describe()
              + ", but "
              + spec.describe()
              + " in row 0. All rows of a column have one type and length; cast, pad or cut"
              + " them first.");
    }
  }

  private IllegalArgumentException invalid(String column, String problem) {
    return new IllegalArgumentException(
        "Column '"
            + column
            + "' of input '"
            + input
            + "', row "
            + row
            + " of this rank, "
            + problem);
  }

  /** Ends a row. */
  void endRow() {
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "Row " + row + " of input '" + input + "' has no columns. Write at least one.");
    }
    if (cursor < columns.size()) {
      throw invalid(
          columns.get(cursor).spec().name(), "is missing. Write every column in each row.");
    }
    cursor = 0;
    row++;
  }

  long rows() {
    return row;
  }

  /** Returns the rows, and ends the builder. */
  Table build() {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    List<ColumnSpec> specs = new ArrayList<>();
    long fingerprint = row;
    for (ColumnBuffer column : columns) {
      fingerprint = column.fingerprint(fingerprint);
      specs.add(column.spec());
      arrays.put(column.spec().name(), column.finish());
    }
    return new Table(input, row, specs, arrays, fingerprint);
  }

  @Override
  public void close() {
    columns.forEach(ColumnBuffer::close);
  }
}

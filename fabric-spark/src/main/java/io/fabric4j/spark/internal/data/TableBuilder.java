package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.RowWriter;
import java.util.Arrays;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.catalyst.expressions.XXH64;
import org.apache.spark.unsafe.Platform;

/** Collects the rows of one partition of an input. */
final class TableBuilder implements RowWriter, AutoCloseable {
  private static final long[] SCALAR = {};

  private final String input;
  private final HandleInvalid handleInvalid;
  private final RowStorage storage;
  private final RowCheck check;
  private final RowBuffer row = new RowBuffer();
  private float[] floats = new float[0];
  private final RowHashes hashes;
  private RowSink sink;
  private long skipped;
  private long fingerprint;

  /**
   * Starts without rows.
   *
   * @param sort whether rows are put in an order that does not depend on how they come
   */
  TableBuilder(String input, HandleInvalid handleInvalid, RowStorage storage, boolean sort) {
    this.input = input;
    this.handleInvalid = handleInvalid;
    this.storage = storage;
    hashes = sort ? new RowHashes() : null;
    check = new RowCheck(input, handleInvalid);
  }

  @Override
  public TableBuilder put(String column, float value) {
    if (Float.isNaN(value) && handleInvalid != HandleInvalid.KEEP) {
      check.reject(column, "is null or NaN");
    } else if (check.next(column, DataType.FLOAT32)) {
      row.put(value);
    }
    return this;
  }

  @Override
  public TableBuilder put(String column, double value) {
    return put(column, (float) value);
  }

  @Override
  public TableBuilder put(String column, int value) {
    if (check.next(column, DataType.INT32)) {
      row.put(value);
    }
    return this;
  }

  @Override
  public TableBuilder put(String column, long value) {
    if (check.next(column, DataType.INT64)) {
      row.put(value);
    }
    return this;
  }

  @Override
  public TableBuilder put(String column, boolean value) {
    if (check.next(column, DataType.BOOLEAN)) {
      row.put(value);
    }
    return this;
  }

  @Override
  public TableBuilder put(String column, float[] values, long... shape) {
    return values == null ? putNull(column) : putFloats(column, values, values.length, shape);
  }

  @Override
  public TableBuilder put(String column, double[] values, long... shape) {
    if (values == null) {
      return putNull(column);
    }
    float[] target = floats(values.length);
    for (int i = 0; i < values.length; i++) {
      target[i] = (float) values[i];
    }
    return putFloats(column, target, values.length, shape);
  }

  @Override
  public TableBuilder put(String column, Vector vector) {
    if (!(vector instanceof SparseVector sparse)) {
      return put(column, vector == null ? null : vector.toArray());
    }
    float[] target = floats(sparse.size());
    Arrays.fill(target, 0, sparse.size(), 0);
    for (int i = 0; i < sparse.indices().length; i++) {
      target[sparse.indices()[i]] = (float) sparse.values()[i];
    }
    return putFloats(column, target, sparse.size(), SCALAR);
  }

  private float[] floats(int length) {
    if (floats.length < length) {
      floats = new float[length];
    }
    return floats;
  }

  private TableBuilder putFloats(String column, float[] values, int length, long[] shape) {
    int missing = shape.length == 0 ? check.missing(column, length) : 0;
    int hole = handleInvalid == HandleInvalid.KEEP ? -1 : indexOfNaN(values, length);
    if (hole >= 0) {
      check.reject(column, "has null or NaN as element " + hole);
    } else if (check.next(column, DataType.FLOAT32, shape(column, length + missing, shape))) {
      row.put(values, Platform.FLOAT_ARRAY_OFFSET, length * Float.BYTES);
      putNaN(missing);
    }
    return this;
  }

  private static int indexOfNaN(float[] values, int length) {
    for (int i = 0; i < length; i++) {
      if (Float.isNaN(values[i])) {
        return i;
      }
    }
    return -1;
  }

  private void putNaN(int count) {
    for (int i = 0; i < count; i++) {
      row.put(Float.NaN);
    }
  }

  private long[] shape(String column, int length, long[] shape) {
    return shape.length == 0 ? new long[] {length} : check.shape(column, length, shape);
  }

  @Override
  public TableBuilder put(String column, int[] values, long... shape) {
    return values == null
        ? putNull(column)
        : putArray(column, DataType.INT32, values, Platform.INT_ARRAY_OFFSET, values.length, shape);
  }

  @Override
  public TableBuilder put(String column, long[] values, long... shape) {
    return values == null
        ? putNull(column)
        : putArray(
            column, DataType.INT64, values, Platform.LONG_ARRAY_OFFSET, values.length, shape);
  }

  @Override
  public TableBuilder put(String column, boolean[] values, long... shape) {
    return values == null
        ? putNull(column)
        : putArray(
            column, DataType.BOOLEAN, values, Platform.BOOLEAN_ARRAY_OFFSET, values.length, shape);
  }

  @Override
  public TableBuilder put(String column, byte[] values, long... shape) {
    return values == null
        ? putNull(column)
        : putArray(
            column, DataType.UINT8, values, Platform.BYTE_ARRAY_OFFSET, values.length, shape);
  }

  private TableBuilder putArray(
      String column, DataType type, Object values, int offset, int length, long[] shape) {
    if (check.next(column, type, shape(column, length, shape))) {
      row.put(values, offset, Math.multiplyExact(length, type.getNumOfBytes()));
    }
    return this;
  }

  @Override
  public TableBuilder putNull(String column) {
    putNaN(check.nullElements(column));
    return this;
  }

  @Override
  public TableBuilder putInvalid(String column, String problem) {
    check.reject(column, problem);
    return this;
  }

  /** Ends a row. */
  void endRow() {
    if (check.endRow()) {
      if (sink == null) {
        sink = new RowSink(row.length(), storage);
      }
      addHash(XXH64.hashUnsafeBytes(row.bytes(), Platform.BYTE_ARRAY_OFFSET, row.length(), 0));
      sink.append(row.bytes());
    } else {
      skipped++;
    }
    row.clear();
  }

  private void addHash(long hash) {
    if (hashes == null) {
      fingerprint = RowHashes.append(fingerprint, hash);
    } else {
      hashes.add(hash);
    }
  }

  /** Returns the number of rows that were written, skipped ones included. */
  long rows() {
    return check.rows();
  }

  /** Returns the rows, and ends the builder. */
  Table build() {
    long rows = check.rows() - skipped;
    RowLayout layout = new RowLayout(check.columns());
    RowBlock block = rows == 0 ? null : sink.finish();
    if (block != null && hashes != null) {
      int[] order = hashes.order();
      fingerprint = hashes.fingerprint(order);
      block = block.inOrder(order, storage.folders());
    }
    return new Table(input, rows, layout, block, storage, fingerprint, skipped);
  }

  @Override
  public void close() {
    if (sink != null) {
      sink.close();
    }
  }
}

package io.fabric4j.spark.internal.ml.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The network's inputs for some rows, in CPU memory that is used for batch after batch. */
final class InputBatch implements AutoCloseable {
  private static final int SHOWN = 100;

  private final List<Column> columns = new ArrayList<>();
  private final HandleInvalid handleInvalid;
  private final int capacity;
  private int rows;

  /** One input's values. */
  private record Column(ColumnSpec spec, InputValues values, FlatTensor memory, ByteBuffer bytes) {}

  /**
   * Allocates memory, whose pages the system provides as they are used.
   *
   * @param capacity most rows; fewer if an input would take more than 2 GiB
   */
  InputBatch(List<ColumnSpec> specs, HandleInvalid handleInvalid, int capacity) {
    TorchLibrary.load();
    this.handleInvalid = handleInvalid;
    int widest = specs.stream().mapToInt(InputBatch::rowBytes).max().orElse(1);
    this.capacity = Math.max(1, Math.min(capacity, Integer.MAX_VALUE / widest));
    for (ColumnSpec spec : specs) {
      long elements = this.capacity * spec.rowShape().size();
      FlatTensor memory = FlatTensor.empty(spec.dataType(), elements);
      ByteBuffer bytes = memory.bytes(0, this.capacity * rowBytes(spec));
      boolean keep = handleInvalid == HandleInvalid.KEEP;
      columns.add(new Column(spec, new InputValues(spec, keep), memory, bytes));
    }
  }

  private static int rowBytes(ColumnSpec spec) {
    return Math.toIntExact(spec.rowShape().size() * spec.dataType().getNumOfBytes());
  }

  boolean isFull() {
    return rows == capacity;
  }

  int rows() {
    return rows;
  }

  /** Forgets the rows. */
  void clear() {
    rows = 0;
  }

  /**
   * Adds a row.
   *
   * @param values of the inputs, in their order
   * @return whether the row is valid; an invalid one is left out
   * @throws IllegalArgumentException if it is invalid and not to be skipped
   */
  boolean add(Object... values) {
    for (int i = 0; i < values.length; i++) {
      Column column = columns.get(i);
      String problem = column.values().read(values[i]);
      if (!problem.isEmpty()) {
        if (handleInvalid == HandleInvalid.SKIP) {
          return false;
        }
        throw new IllegalArgumentException(describe(column.spec().name(), problem, values[i]));
      }
      column.values().store(column.bytes(), rows);
    }
    rows++;
    return true;
  }

  private String describe(String column, String problem, Object value) {
    String text = String.valueOf(value);
    return "Column '"
        + column
        + "' of a row "
        + problem
        + (handleInvalid == HandleInvalid.KEEP ? ", and NaN cannot express it" : "")
        + ". Its value is "
        + (text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text)
        + ". Correct or drop such rows first, or set handleInvalid to 'skip'"
        + (handleInvalid == HandleInvalid.ERROR ? " or 'keep'." : ".");
  }

  /** Returns the inputs, valid until rows are added or the batch is closed. */
  NDList arrays(NDManager manager) {
    NDList arrays = new NDList(columns.size());
    for (Column column : columns) {
      ColumnSpec spec = column.spec();
      try (FlatTensor part = column.memory().slice(0, rows * spec.rowShape().size())) {
        NDArray array = part.toArray(manager, new Shape(rows).addAll(spec.rowShape()));
        arrays.add(array.toDevice(manager.getDevice(), false));
      }
    }
    return arrays;
  }

  @Override
  public void close() {
    columns.forEach(column -> column.memory().close());
  }
}

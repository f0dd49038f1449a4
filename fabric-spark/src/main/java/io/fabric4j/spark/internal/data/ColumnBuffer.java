package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.ByteBuffer;
import org.apache.spark.sql.catalyst.expressions.XXH64;

/**
 * A column that grows by rows, in native memory. Capacity doubles; pages that no row has reached
 * are not resident, so the memory in use is that of the rows, and of their copy while growing.
 */
final class ColumnBuffer implements AutoCloseable {
  private static final long FIRST_BYTES = 1 << 16;
  private static final long WINDOW_BYTES = 1 << 30;

  private final ColumnSpec spec;
  private final NDManager manager;
  private final int rowBytes;
  private NDArray array;
  private FlatTensor memory;
  private ByteBuffer window = ByteBuffer.allocate(0);
  private long capacity;
  private long rows;

  /**
   * Allocates the first rows.
   *
   * @param manager owner of the memory
   */
  ColumnBuffer(ColumnSpec spec, NDManager manager) {
    this.spec = spec;
    this.manager = manager;
    rowBytes = spec.rowBytes();
    capacity = Math.max(1, FIRST_BYTES / rowBytes);
    array = manager.create(spec.shape(capacity), spec.dataType());
    memory = FlatTensor.of(array);
  }

  ColumnSpec spec() {
    return spec;
  }

  /** Returns where the next row's bytes go, all of them. */
  ByteBuffer nextRow() {
    if (!window.hasRemaining()) {
      moveWindow();
    }
    rows++;
    return window;
  }

  private void moveWindow() {
    if (rows == capacity) {
      grow();
    }
    int windowRows = (int) Math.min(capacity - rows, Math.max(1, WINDOW_BYTES / rowBytes));
    window = memory.bytes(rows * rowBytes, windowRows * rowBytes);
  }

  private void grow() {
    NDArray larger = manager.create(spec.shape(2 * capacity), spec.dataType());
    FlatTensor target = FlatTensor.of(larger);
    try (FlatTensor start = target.slice(0, memory.length())) {
      start.copyFrom(memory);
    }
    close();
    array = larger;
    memory = target;
    capacity *= 2;
  }

  /** Returns a hash of all rows in order, which continues another one. */
  long fingerprint(long seed) {
    long bytes = rows * rowBytes;
    long hash = seed;
    for (long start = 0; start < bytes; start += WINDOW_BYTES) {
      int length = (int) Math.min(WINDOW_BYTES, bytes - start);
      hash = XXH64.hashUnsafeBytes(null, memory.address() + start, length, hash);
    }
    return hash;
  }

  /** Returns the rows as one array that the manager owns, and ends the buffer. */
  NDArray finish() {
    try (FlatTensor used = memory.slice(0, rows * spec.elements())) {
      return used.toArray(manager, spec.shape(rows));
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    memory.close();
    array.close();
  }
}

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.unsafe.Platform;

/**
 * Collects rows of equal size: in memory while the budget allows, then all of them in a file. The
 * capacity in memory doubles; pages that no row has reached are not resident, so the memory in use
 * is that of the rows, also while they are copied to a larger place.
 */
final class RowSink implements AutoCloseable {
  private static final long FIRST_BYTES = 1 << 16;
  private static final int BUFFER_BYTES = 1 << 20;

  private final int rowBytes;
  private final MemoryBudget budget;
  private final List<Path> folders;
  private FlatTensor memory;
  private long capacity;
  private SpillFile file;
  private byte[] buffer;
  private int buffered;
  private long rows;

  RowSink(int rowBytes, RowStorage storage) {
    this.rowBytes = rowBytes;
    budget = storage.budget();
    folders = storage.folders();
  }

  /** Adds a row, the first bytes of an array. */
  void append(byte[] row) {
    if (file == null && !fits()) {
      spill();
    }
    if (file == null) {
      Platform.copyMemory(
          row, Platform.BYTE_ARRAY_OFFSET, null, memory.address() + rows * rowBytes, rowBytes);
    } else {
      write(row);
    }
    rows++;
  }

  private boolean fits() {
    return (rows + 1) * rowBytes <= capacity || grow();
  }

  /**
   * Old and new place hold at most the new capacity together, since half of the new one is empty.
   */
  private boolean grow() {
    long larger = capacity == 0 ? Math.max(rowBytes, firstBytes()) : 2 * capacity;
    if (!budget.take(larger - capacity)) {
      return false;
    }
    FlatTensor target = FlatTensor.empty(DataType.UINT8, larger);
    if (memory != null) {
      Platform.copyMemory(null, memory.address(), null, target.address(), rows * rowBytes);
      memory.close();
    }
    memory = target;
    capacity = larger;
    return true;
  }

  /** Doubled again and again it becomes the whole budget. */
  private long firstBytes() {
    long bytes = budget.total();
    while (bytes > FIRST_BYTES) {
      bytes /= 2;
    }
    return bytes;
  }

  private void spill() {
    file = SpillFile.create(folders);
    buffer = new byte[BUFFER_BYTES];
    long end = rows * rowBytes;
    for (long start = 0; start < end; start += BUFFER_BYTES) {
      int count = (int) Math.min(BUFFER_BYTES, end - start);
      Platform.copyMemory(
          null, memory.address() + start, buffer, Platform.BYTE_ARRAY_OFFSET, count);
      file.write(buffer, count);
    }
    freeMemory();
  }

  private void write(byte[] row) {
    if (buffered + rowBytes > BUFFER_BYTES) {
      flush();
    }
    if (rowBytes > BUFFER_BYTES) {
      file.write(row, rowBytes);
    } else {
      System.arraycopy(row, 0, buffer, buffered, rowBytes);
      buffered += rowBytes;
    }
  }

  private void flush() {
    file.write(buffer, buffered);
    buffered = 0;
  }

  long rows() {
    return rows;
  }

  /** Returns the rows, at least one, and ends the sink. */
  RowBlock finish() {
    RowBlock block;
    if (file == null) {
      long taken = capacity;
      block =
          RowBlock.inMemory(
              memory.slice(0, rows * rowBytes), rowBytes, () -> budget.release(taken));
      memory.close();
      memory = null;
      capacity = 0;
    } else {
      flush();
      block = RowBlock.mapped(file.map(), rowBytes);
    }
    close();
    return block;
  }

  private void freeMemory() {
    if (memory != null) {
      memory.close();
      memory = null;
    }
    budget.release(capacity);
    capacity = 0;
  }

  @Override
  public void close() {
    freeMemory();
    if (file != null) {
      file.close();
    }
  }
}

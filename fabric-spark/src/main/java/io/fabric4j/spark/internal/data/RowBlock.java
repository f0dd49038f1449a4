package io.fabric4j.spark.internal.data;

import io.fabric4j.internal.torch.FlatTensor;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.apache.spark.unsafe.Platform;

/** Rows of equal size, in memory or in a mapped file. Several threads may read it. */
final class RowBlock implements AutoCloseable {
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final FlatTensor memory;
  private final int rowBytes;
  private final long rows;
  private final boolean mapped;
  private final Runnable onClose;
  private boolean closed;

  private RowBlock(FlatTensor memory, int rowBytes, boolean mapped, Runnable onClose) {
    this.memory = memory;
    this.rowBytes = rowBytes;
    this.mapped = mapped;
    this.onClose = onClose;
    rows = memory.length() / rowBytes;
  }

  /**
   * Takes rows in memory.
   *
   * @param memory their bytes, owned
   * @param onClose called when they are freed
   */
  static RowBlock inMemory(FlatTensor memory, int rowBytes, Runnable onClose) {
    return new RowBlock(memory, rowBytes, false, onClose);
  }

  /**
   * Takes rows of a file.
   *
   * @param mapping their bytes, owned
   */
  static RowBlock mapped(FlatTensor mapping, int rowBytes) {
    mapping.expectRandomReads();
    return new RowBlock(mapping, rowBytes, true, () -> {});
  }

  boolean isMapped() {
    return mapped;
  }

  /**
   * A piece of each row and where it goes.
   *
   * @param offset of the piece in a row
   * @param bytes its length
   * @param target address of the first row's piece; the others follow it
   */
  record Piece(int offset, int bytes, long target) {}

  /**
   * Copies pieces of rows.
   *
   * @param indices the rows, in the order in which they are stored
   * @throws IllegalStateException if the block has been closed
   */
  void copy(long[] indices, Piece... pieces) {
    read(
        indices,
        first -> {
          for (int i = 0; i < indices.length; i++) {
            long row = first + indices[i] * rowBytes;
            for (Piece piece : pieces) {
              copy(row + piece.offset(), piece.target() + (long) i * piece.bytes(), piece.bytes());
            }
          }
        });
  }

  /**
   * Copies whole rows.
   *
   * @param targets the address for each row
   * @throws IllegalStateException if the block has been closed
   */
  void copyRows(long[] indices, long[] targets) {
    read(
        indices,
        first -> {
          for (int i = 0; i < indices.length; i++) {
            copy(first + indices[i] * rowBytes, targets[i], rowBytes);
          }
        });
  }

  /** Calls an action with the address of the first row. */
  private void read(long[] indices, LongConsumer action) {
    lock.readLock().lock();
    try {
      if (closed) {
        throw new IllegalStateException(
            "The rows of this launch have been freed: use shards only during the call.");
      }
      prepare(indices);
      action.accept(memory.address());
    } finally {
      lock.readLock().unlock();
    }
  }

  /** A disk reads the rows of a batch at once if it knows them, and one after the other if not. */
  private void prepare(long[] indices) {
    for (long index : indices) {
      if (index < 0 || index >= rows) {
        throw new IndexOutOfBoundsException("Row " + index + " of " + rows);
      }
      if (mapped) {
        memory.readAhead(index * rowBytes, rowBytes);
      }
    }
  }

  /** Scalars are by far the most frequent pieces, and a copy by call costs more than they do. */
  private static void copy(long source, long target, int bytes) {
    switch (bytes) {
      case Byte.BYTES -> Platform.putByte(null, target, Platform.getByte(null, source));
      case Integer.BYTES -> Platform.putInt(null, target, Platform.getInt(null, source));
      case Long.BYTES -> Platform.putLong(null, target, Platform.getLong(null, source));
      default -> Platform.copyMemory(null, source, null, target, bytes);
    }
  }

  /** Waits for running copies, and frees the memory. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        memory.close();
        onClose.run();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }
}

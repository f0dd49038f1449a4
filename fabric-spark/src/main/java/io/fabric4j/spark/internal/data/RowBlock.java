package io.fabric4j.spark.internal.data;

import io.fabric4j.FabricException;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongConsumer;
import org.apache.spark.unsafe.Platform;

/** Rows of equal size, in memory or in a mapped file. Several threads may read it. */
final class RowBlock implements AutoCloseable {
  private static final int COPY_BYTES = 1 << 20;

  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private final FlatTensor memory;
  private final int rowBytes;
  private final long rows;
  private final boolean mapped;
  private final Runnable onClose;
  private final int[] order;
  private boolean closed;

  private RowBlock(FlatTensor memory, int rowBytes, boolean mapped, Runnable onClose, int[] order) {
    this.memory = memory;
    this.rowBytes = rowBytes;
    this.mapped = mapped;
    this.onClose = onClose;
    this.order = order;
    rows = memory.length() / rowBytes;
  }

  /**
   * Takes rows in memory.
   *
   * @param memory their bytes, owned
   * @param onClose called when they are freed
   */
  static RowBlock inMemory(FlatTensor memory, int rowBytes, Runnable onClose) {
    return new RowBlock(memory, rowBytes, false, onClose, null);
  }

  /**
   * Takes rows of a file.
   *
   * @param mapping their bytes, owned
   */
  static RowBlock mapped(FlatTensor mapping, int rowBytes) {
    mapping.expectRandomReads();
    return new RowBlock(mapping, rowBytes, true, () -> {}, null);
  }

  /**
   * Returns the rows in another order, and ends this block. A file is written anew, so that rows
   * that follow each other are read from one place.
   *
   * @param rows their present numbers
   * @param folders where the file may lie
   */
  RowBlock inOrder(int[] rows, List<Path> folders) {
    if (!mapped) {
      return new RowBlock(memory, rowBytes, false, onClose, rows);
    }
    try (this;
        SpillFile file = SpillFile.create(folders)) {
      int step = Math.max(1, COPY_BYTES / rowBytes);
      byte[] buffer = new byte[Math.min(step, rows.length) * rowBytes];
      for (int start = 0; start < rows.length; start += step) {
        if (Thread.currentThread().isInterrupted()) {
          throw new FabricException("Interrupted while rows were put in order.");
        }
        int end = Math.min(rows.length, start + step);
        copyRows(Arrays.stream(rows, start, end).asLongStream().toArray(), buffer);
        file.write(buffer, (end - start) * rowBytes);
      }
      return mapped(file.map(), rowBytes);
    }
  }

  private void copyRows(long[] indices, byte[] target) {
    read(
        indices,
        first -> {
          for (int i = 0; i < indices.length; i++) {
            long offset = Platform.BYTE_ARRAY_OFFSET + (long) i * rowBytes;
            Platform.copyMemory(null, first + indices[i] * rowBytes, target, offset, rowBytes);
          }
        });
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
   * @param indices the rows
   * @throws IllegalStateException if the block has been closed
   */
  void copy(long[] indices, Piece... pieces) {
    read(
        indices,
        first -> {
          for (int i = 0; i < indices.length; i++) {
            long row = first + position(indices[i]) * rowBytes;
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
            copy(first + position(indices[i]) * rowBytes, targets[i], rowBytes);
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

  /** Returns which row of the memory it is. */
  private long position(long index) {
    return order == null ? index : order[(int) index];
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

package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Memory shared by all ranks in which each tells how often it has arrived at a barrier and which
 * call it has entered. Each rank writes cache lines of its own.
 *
 * <p>What a rank says of a call stands in one of two lines, by the parity of the call's number: a
 * rank may enter the next call, but not the one after it, before the others have read the first.
 */
final class ControlPage {
  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
  private static final int LINE = 64;
  private static final int CORE = Long.BYTES;
  private static final int BYTES_PER_RANK = 4 * LINE;

  private final ByteBuffer memory;
  private final int rank;
  private long arrivals;

  private ControlPage(ByteBuffer memory, int rank) {
    this.memory = memory;
    memory.order(ByteOrder.nativeOrder());
    this.rank = rank;
  }

  /**
   * What a rank says of the call it has entered.
   *
   * @param rank the rank
   * @param call the call
   * @param segment number of the shared segment that holds its array, negative if none
   * @param offset the array's first byte in the segment
   */
  record Entry(int rank, Call call, int segment, long offset) {
    private static final int UNSHARED = -1;

    static Entry unshared(int rank, Call call) {
      return new Entry(rank, call, UNSHARED, 0);
    }

    boolean isShared() {
      return segment != UNSHARED;
    }
  }

  static int bytes(int ranks) {
    return ranks * BYTES_PER_RANK;
  }

  /** Maps a file of {@link #bytes} zeros, written before: a hole in it could kill the JVM later. */
  static ControlPage map(Path file, int rank, int ranks) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new ControlPage(channel.map(MapMode.READ_WRITE, 0, bytes(ranks)), rank);
    }
  }

  /** Returns the page of a rank that shares with nobody. */
  static ControlPage alone() {
    return new ControlPage(ByteBuffer.allocateDirect(bytes(1)), 0);
  }

  /** Publishes the entry with this rank's next {@link #arrive}. */
  void write(Entry entry) {
    int line = line(rank, entry.call().number());
    memory.putLong(line, entry.call().number());
    memory.putLong(line + 8, entry.call().code());
    memory.putLong(line + 16, entry.call().length());
    memory.putLong(line + 24, entry.segment());
    memory.putLong(line + 32, entry.offset());
  }

  /** Returns the entry of a peer that {@link #hasArrived}. */
  Entry read(int peer, long number) {
    int line = line(peer, number);
    Call call = Call.of(memory.getLong(line), memory.getLong(line + 8), memory.getLong(line + 16));
    return new Entry(peer, call, (int) memory.getLong(line + 24), memory.getLong(line + 32));
  }

  /**
   * Tells the peers that this rank has arrived at its next barrier.
   *
   * @param core on which it runs
   */
  void arrive(int core) {
    memory.putInt(rank * BYTES_PER_RANK + CORE, core);
    LONGS.setRelease(memory, rank * BYTES_PER_RANK, ++arrivals);
  }

  /** Returns whether a peer has arrived as often as this rank. */
  boolean hasArrived(int peer) {
    return (long) LONGS.getAcquire(memory, peer * BYTES_PER_RANK) >= arrivals;
  }

  /** Returns the core on which a peer ran when it arrived last. */
  int core(int peer) {
    return memory.getInt(peer * BYTES_PER_RANK + CORE);
  }

  private static int line(int rank, long number) {
    return rank * BYTES_PER_RANK + LINE * (1 + (int) (number & 1));
  }
}

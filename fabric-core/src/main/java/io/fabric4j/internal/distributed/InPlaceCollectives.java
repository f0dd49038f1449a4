package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.distributed.ControlPage.Entry;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;

/**
 * Collectives on arrays that lie in shared segments. Every method ends with a barrier: no rank may
 * touch its array while another still reads or writes it.
 */
final class InPlaceCollectives {
  /** Of each rank's array; what is combined is still in a core's cache when it is copied. */
  private static final long CHUNK_BYTES = 512 << 10;

  /** What a last-level cache holds anyway is not cut: each chunk costs some microseconds. */
  private static final long UNCUT_BYTES = 2 << 20;

  private final SharedBarrier barrier;
  private final List<SharedSegment> segments;
  private final int rank;
  private final int size;

  InPlaceCollectives(SharedBarrier barrier, List<SharedSegment> segments, int rank, int size) {
    this.barrier = barrier;
    this.segments = segments;
    this.rank = rank;
    this.size = size;
  }

  /** Each rank combines its slice in the memory of rank 0 and writes it to all others. */
  void allReduce(PendingCall pending, List<Entry> entries) {
    Partition slices = new Partition(0, pending.call().length(), size);
    long end = slices.start(rank) + slices.count(rank);
    long chunk = chunk(pending, slices.count(rank));
    for (long start = slices.start(rank); start < end; start += chunk) {
      long count = Math.min(chunk, end - start);
      try (FlatTensor result = combine(pending, entries, start, count)) {
        for (int peer = 1; peer < size; peer++) {
          try (FlatTensor target = window(entries.get(peer), start, count)) {
            target.copyFrom(result);
          }
        }
      }
    }
    barrier.await(pending);
  }

  void broadcast(PendingCall pending, Entry root, FlatTensor array) {
    if (rank != pending.call().root()) {
      try (FlatTensor source = window(root, 0, array.length())) {
        array.copyFrom(source);
      }
    }
    barrier.await(pending);
  }

  void allGather(PendingCall pending, List<Entry> entries, FlatTensor output) {
    long count = pending.call().length();
    for (int peer = 0; peer < size; peer++) {
      try (FlatTensor source = window(entries.get(peer), 0, count);
          FlatTensor row = output.slice(peer * count, count)) {
        row.copyFrom(source);
      }
    }
    barrier.await(pending);
  }

  void reduceScatter(PendingCall pending, List<Entry> entries, FlatTensor output) {
    long first = rank * output.length();
    long chunk = chunk(pending, output.length());
    for (long start = 0; start < output.length(); start += chunk) {
      long count = Math.min(chunk, output.length() - start);
      try (FlatTensor result = combine(pending, entries, first + start, count);
          FlatTensor target = output.slice(start, count)) {
        target.copyFrom(result);
      }
    }
    barrier.await(pending);
  }

  /** Returns how many of a rank's elements are combined at a time. */
  private static long chunk(PendingCall pending, long count) {
    int size = pending.call().dataType().getNumOfBytes();
    return count * size <= UNCUT_BYTES ? count : CHUNK_BYTES / size;
  }

  private FlatTensor combine(PendingCall pending, List<Entry> entries, long start, long count) {
    return RankOrder.combine(
        pending.call().reduceOp(), size, peer -> window(entries.get(peer), start, count));
  }

  private FlatTensor window(Entry entry, long start, long count) {
    DataType type = entry.call().dataType();
    long offset = entry.offset() + start * type.getNumOfBytes();
    return segments.get(entry.segment()).window(entry.rank(), offset, type, count);
  }
}

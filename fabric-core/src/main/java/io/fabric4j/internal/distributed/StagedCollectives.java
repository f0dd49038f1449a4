package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;

/**
 * Collectives on arrays outside shared memory: they pass through a staging segment in chunks.
 *
 * <p>The segment has two halves, used in turn. A rank that has arrived at the barrier of a chunk is
 * done with the chunk before, whose half may then be written again; the last chunk of a call is
 * covered by the barrier at which all enter the next.
 */
final class StagedCollectives implements AutoCloseable {
  private final SharedBarrier barrier;
  private final SharedSegment staging;
  private final long halfBytes;
  private final int rank;
  private final int size;
  private long half;

  /**
   * Takes over the staging segment.
   *
   * @param halfBytes half the segment's size, a multiple of every element size
   */
  StagedCollectives(
      SharedBarrier barrier, SharedSegment staging, long halfBytes, int rank, int size) {
    this.barrier = barrier;
    this.staging = staging;
    this.halfBytes = halfBytes;
    this.rank = rank;
    this.size = size;
  }

  void allReduce(PendingCall pending, FlatTensor array) {
    long chunk = halfBytes / array.elementSize();
    for (long start = 0; start < array.length(); start += chunk) {
      try (FlatTensor part = array.slice(start, Math.min(chunk, array.length() - start))) {
        nextHalf();
        load(part, 0);
        barrier.await(pending);
        Partition slices = new Partition(0, part.length(), size);
        combine(pending, slices.start(rank), slices.count(rank)).close();
        barrier.await(pending);
        store(part, 0, 0);
      }
    }
  }

  void broadcast(PendingCall pending, FlatTensor array) {
    int root = pending.call().root();
    long chunk = halfBytes / array.elementSize();
    for (long start = 0; start < array.length(); start += chunk) {
      try (FlatTensor part = array.slice(start, Math.min(chunk, array.length() - start))) {
        nextHalf();
        if (rank == root) {
          load(part, 0);
        }
        barrier.await(pending);
        if (rank != root) {
          store(part, root, 0);
        }
      }
    }
  }

  void allGather(PendingCall pending, FlatTensor output, FlatTensor input) {
    long chunk = halfBytes / input.elementSize();
    for (long start = 0; start < input.length(); start += chunk) {
      long count = Math.min(chunk, input.length() - start);
      nextHalf();
      try (FlatTensor part = input.slice(start, count)) {
        load(part, 0);
      }
      barrier.await(pending);
      for (int peer = 0; peer < size; peer++) {
        try (FlatTensor row = output.slice(peer * input.length() + start, count)) {
          store(row, peer, 0);
        }
      }
    }
  }

  /** A chunk consists of the same stretch of every row; this rank combines that of its own row. */
  void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input) {
    long chunk = halfBytes / input.elementSize() / size;
    for (long start = 0; start < output.length(); start += chunk) {
      long count = Math.min(chunk, output.length() - start);
      nextHalf();
      for (int row = 0; row < size; row++) {
        try (FlatTensor part = input.slice(row * output.length() + start, count)) {
          load(part, row * count);
        }
      }
      barrier.await(pending);
      try (FlatTensor part = output.slice(start, count);
          FlatTensor result = combine(pending, rank * count, count)) {
        part.copyFrom(result);
      }
    }
  }

  @Override
  public void close() {
    staging.close();
  }

  private void nextHalf() {
    half = 1 - half;
  }

  private FlatTensor combine(PendingCall pending, long start, long count) {
    DataType type = pending.call().dataType();
    return RankOrder.combine(
        pending.call().reduceOp(), size, peer -> window(peer, start, type, count));
  }

  private void load(FlatTensor part, long offset) {
    try (FlatTensor target = window(rank, offset, part.dataType(), part.length())) {
      target.copyFrom(part);
    }
  }

  private void store(FlatTensor part, int peer, long offset) {
    try (FlatTensor source = window(peer, offset, part.dataType(), part.length())) {
      part.copyFrom(source);
    }
  }

  private FlatTensor window(int peer, long start, DataType type, long count) {
    return staging.window(peer, half * halfBytes + start * type.getNumOfBytes(), type, count);
  }
}

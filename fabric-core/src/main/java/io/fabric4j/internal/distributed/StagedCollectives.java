package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;

/**
 * Collectives on arrays outside shared memory: they pass through a staging segment in chunks.
 *
 * <p>The last chunk of a call is covered by the barrier at which all enter the next.
 */
final class StagedCollectives implements AutoCloseable {
  private final SharedBarrier barrier;
  private final Staging staging;
  private final int rank;
  private final int size;

  /** Takes over the staging memory. */
  StagedCollectives(SharedBarrier barrier, Staging staging, int rank, int size) {
    this.barrier = barrier;
    this.staging = staging;
    this.rank = rank;
    this.size = size;
  }

  void allReduce(PendingCall pending, FlatTensor array) {
    long chunk = staging.elements(array);
    for (long start = 0; start < array.length(); start += chunk) {
      try (FlatTensor part = array.slice(start, Math.min(chunk, array.length() - start))) {
        staging.nextHalf();
        staging.load(part, 0);
        barrier.await(pending);
        Partition slices = new Partition(0, part.length(), size);
        combine(pending, slices.start(rank), slices.count(rank)).close();
        barrier.await(pending);
        staging.store(part, 0, 0);
      }
    }
  }

  void broadcast(PendingCall pending, FlatTensor array) {
    int root = pending.call().root();
    long chunk = staging.elements(array);
    for (long start = 0; start < array.length(); start += chunk) {
      try (FlatTensor part = array.slice(start, Math.min(chunk, array.length() - start))) {
        staging.nextHalf();
        if (rank == root) {
          staging.load(part, 0);
        }
        barrier.await(pending);
        if (rank != root) {
          staging.store(part, root, 0);
        }
      }
    }
  }

  void allGather(PendingCall pending, FlatTensor output, FlatTensor input) {
    long chunk = staging.elements(input);
    for (long start = 0; start < input.length(); start += chunk) {
      long count = Math.min(chunk, input.length() - start);
      staging.nextHalf();
      try (FlatTensor part = input.slice(start, count)) {
        staging.load(part, 0);
      }
      barrier.await(pending);
      for (int peer = 0; peer < size; peer++) {
        try (FlatTensor row = output.slice(peer * input.length() + start, count)) {
          staging.store(row, peer, 0);
        }
      }
    }
  }

  /** A chunk consists of the same stretch of every row; this rank combines that of its own row. */
  void reduceScatter(PendingCall pending, FlatTensor output, FlatTensor input) {
    long chunk = staging.elements(input) / size;
    for (long start = 0; start < output.length(); start += chunk) {
      long count = Math.min(chunk, output.length() - start);
      staging.nextHalf();
      for (int row = 0; row < size; row++) {
        try (FlatTensor part = input.slice(row * output.length() + start, count)) {
          staging.load(part, row * count);
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

  private FlatTensor combine(PendingCall pending, long start, long count) {
    DataType type = pending.call().dataType();
    return RankOrder.combine(
        pending.call().reduceOp(), size, peer -> staging.window(peer, start, type, count));
  }
}

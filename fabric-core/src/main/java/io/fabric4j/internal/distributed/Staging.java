package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;

/**
 * Shared memory through which arrays from elsewhere pass in chunks. It has two halves, used in
 * turn: a rank that has arrived at a barrier of one chunk is done with the chunk before.
 */
final class Staging implements AutoCloseable {
  private final SharedSegment segment;
  private final long halfBytes;
  private final int index;
  private long half;

  /**
   * Takes over a segment.
   *
   * @param halfBytes half the segment's size, a multiple of every element size
   * @param index of this rank's piece
   */
  Staging(SharedSegment segment, long halfBytes, int index) {
    this.segment = segment;
    this.halfBytes = halfBytes;
    this.index = index;
  }

  /** Returns how many elements fit into a half. */
  long elements(FlatTensor array) {
    return halfBytes / array.elementSize();
  }

  void nextHalf() {
    half = 1 - half;
  }

  FlatTensor window(int member, long start, DataType type, long count) {
    return segment.window(member, half * halfBytes + start * type.getNumOfBytes(), type, count);
  }

  /** Copies elements into a piece. */
  void load(FlatTensor part, int member, long offset) {
    try (FlatTensor target = window(member, offset, part.dataType(), part.length())) {
      target.copyFrom(part);
    }
  }

  /** Copies elements into this rank's piece. */
  void load(FlatTensor part, long offset) {
    load(part, index, offset);
  }

  /** Copies elements out of a piece. */
  void store(FlatTensor part, int member, long offset) {
    try (FlatTensor source = window(member, offset, part.dataType(), part.length())) {
      part.copyFrom(source);
    }
  }

  @Override
  public void close() {
    segment.close();
  }
}

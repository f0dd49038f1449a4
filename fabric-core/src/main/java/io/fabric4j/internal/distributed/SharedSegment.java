package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;

/** Equally large pieces of memory, one of each rank, all mapped by this rank. */
final class SharedSegment implements AutoCloseable {
  private final List<FlatTensor> bytesOfRanks;
  private final long address;
  private final long bytes;

  SharedSegment(List<FlatTensor> bytesOfRanks, int rank) {
    this.bytesOfRanks = bytesOfRanks;
    this.address = bytesOfRanks.get(rank).address();
    this.bytes = bytesOfRanks.get(rank).length();
  }

  /** Returns whether an array lies in this rank's piece. */
  boolean contains(FlatTensor array) {
    long offset = array.address() - address;
    return offset >= 0 && offset + array.length() * array.elementSize() <= bytes;
  }

  /** Returns where in this rank's piece an array begins, in bytes. */
  long offsetOf(FlatTensor array) {
    return array.address() - address;
  }

  /** Returns elements in the piece of a rank. */
  FlatTensor window(int rank, long byteOffset, DataType type, long count) {
    try (FlatTensor part = bytesOfRanks.get(rank).slice(byteOffset, count * type.getNumOfBytes())) {
      return part.as(type);
    }
  }

  /** Unmaps all pieces, less what arrays still use. */
  @Override
  public void close() {
    bytesOfRanks.forEach(FlatTensor::close);
  }
}

package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/**
 * A tensor's place in a file.
 *
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last
 */
public record TensorInfo(String name, DataType dataType, Shape shape, long begin, long end) {

  public long byteCount() {
    return end - begin;
  }

  /**
   * Returns the bytes that a tensor of this type and shape takes.
   *
   * @throws ArithmeticException if they exceed a long
   */
  static long byteCount(DataType dataType, Shape shape) {
    long bytes = dataType.getNumOfBytes();
    for (long size : shape.getShape()) {
      bytes = Math.multiplyExact(bytes, size);
    }
    return bytes;
  }
}

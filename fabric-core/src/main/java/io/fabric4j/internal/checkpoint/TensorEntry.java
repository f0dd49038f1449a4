package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A tensor to be written.
 *
 * @param data its bytes, row-major and little-endian, as consecutive buffers from position to
 *     limit; iterated twice (checksum, then writing), so a lazy one bounds the memory that large
 *     tensors take
 */
public record TensorEntry(String name, DataType dataType, Shape shape, Iterable<ByteBuffer> data) {

  public TensorEntry(String name, DataType dataType, Shape shape, ByteBuffer data) {
    this(name, dataType, shape, List.of(data));
  }
}

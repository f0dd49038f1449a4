package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.nio.ByteBuffer;

/** A received piece of a collective; closing it gives its buffer back to the connection. */
final class Frame implements AutoCloseable {
  private final Call call;
  private final FlatTensor buffer;
  private final int length;
  private final FrameReader owner;

  /**
   * Creates a frame.
   *
   * @param call what the sender called
   * @param buffer bytes, null if the length is 0
   * @param length bytes in use
   * @param owner takes the buffer back
   */
  Frame(Call call, FlatTensor buffer, int length, FrameReader owner) {
    this.call = call;
    this.buffer = buffer;
    this.length = length;
    this.owner = owner;
  }

  Call call() {
    return call;
  }

  /** Returns the payload as elements, valid until this frame is closed. */
  FlatTensor elements(DataType type) {
    if (buffer == null) {
      return FlatTensor.zeros(type, 0);
    }
    try (FlatTensor payload = buffer.slice(0, length)) {
      return payload.as(type);
    }
  }

  /** Returns the payload, valid until this frame is closed. */
  ByteBuffer bytes() {
    return buffer == null ? ByteBuffer.allocate(0) : buffer.bytes(0, length);
  }

  @Override
  public void close() {
    if (buffer != null) {
      owner.recycle(buffer);
    }
  }
}

package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;

/**
 * Cuts a connection's bytes into frames. Collectives advance in rounds in which every pair of ranks
 * exchanges one frame and which need those of the peers, so a peer is never more than six frames
 * ahead (two blocks, of which two rounds each are under way, and two rounds of the next): the queue
 * of data frames needs no flow control, and reading never waits for the rank's thread.
 */
final class FrameReader {
  private static final int MAX_AHEAD = 8;

  private final ByteSource source;
  private final int maxDataBytes;
  private final BiConsumer<FrameType, ByteBuffer> controls;
  private final ByteBuffer headerBytes = ByteBuffer.allocateDirect(FrameHeader.BYTES);
  private final BlockingQueue<Frame> frames = new ArrayBlockingQueue<>(MAX_AHEAD);
  private final Queue<FlatTensor> idleBuffers = new ConcurrentLinkedQueue<>();
  private FrameHeader header;
  private FlatTensor buffer;
  private ByteBuffer payload;

  FrameReader(ByteSource source, int maxDataBytes, BiConsumer<FrameType, ByteBuffer> controls) {
    this.source = source;
    this.maxDataBytes = maxDataBytes;
    this.controls = controls;
  }

  /** Returns the data frames that have arrived. */
  BlockingQueue<Frame> frames() {
    return frames;
  }

  /**
   * Reads what has arrived, without waiting. For the I/O thread.
   *
   * @return false at the end of the stream
   * @throws IOException if the connection is broken or the peer breaks the protocol
   */
  boolean read() throws IOException {
    while (true) {
      ByteBuffer target = header == null ? headerBytes : payload;
      int count = source.read(target);
      if (count <= 0) {
        return count == 0;
      }
      if (!target.hasRemaining()) {
        advance();
      }
    }
  }

  private void advance() throws IOException {
    if (header == null) {
      startFrame();
    }
    if (!payload.hasRemaining()) {
      deliver();
    }
  }

  private void startFrame() throws IOException {
    header = FrameHeader.read(headerBytes.flip(), maxDataBytes);
    headerBytes.clear();
    if (header.type() == FrameType.DATA && header.length() > 0) {
      FlatTensor idle = idleBuffers.poll();
      buffer = idle == null ? FlatTensor.zeros(DataType.UINT8, maxDataBytes) : idle;
      payload = buffer.bytes(0, header.length());
    } else {
      payload = ByteBuffer.allocate(header.length());
    }
  }

  private void deliver() throws ProtocolException {
    FrameHeader complete = header;
    header = null;
    if (complete.type() != FrameType.DATA) {
      controls.accept(complete.type(), payload.flip());
      return;
    }
    Frame frame = new Frame(complete.call(), buffer, complete.length(), this);
    buffer = null;
    if (!frames.offer(frame)) {
      frame.close();
      throw new ProtocolException("more than " + MAX_AHEAD + " frames ahead");
    }
  }

  void recycle(FlatTensor idle) {
    idleBuffers.add(idle);
  }

  /** Releases the buffers. Neither the I/O thread nor the rank's may use this reader any more. */
  void release() {
    for (Frame frame; (frame = frames.poll()) != null; ) {
      frame.close();
    }
    if (buffer != null) {
      buffer.close();
    }
    idleBuffers.forEach(FlatTensor::close);
    idleBuffers.clear();
  }
}

package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Writes whole frames to a non-blocking connection, from the rank's thread and the I/O thread. */
final class FrameWriter {
  private final ByteSink sink;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteBuffer header = ByteBuffer.allocateDirect(FrameHeader.BYTES);
  private final ByteBuffer control =
      ByteBuffer.allocateDirect(FrameHeader.BYTES + FrameHeader.MAX_CONTROL_BYTES).limit(0);
  private boolean torn;

  FrameWriter(ByteSink sink) {
    this.sink = sink;
  }

  /**
   * Writes a data frame, waiting while the connection's buffer is full.
   *
   * @param whileFull called while waiting; what it throws gives up the connection
   */
  void data(Call call, Runnable whileFull, ByteBuffer... payload) throws IOException {
    lock.lock();
    try {
      torn = true;
      header.clear();
      int bytes = Stream.of(payload).mapToInt(ByteBuffer::remaining).sum();
      new FrameHeader(FrameType.DATA, bytes, call).write(header);
      ByteBuffer[] parts =
          Stream.concat(Stream.of(control, header.flip()), Stream.of(payload))
              .toArray(ByteBuffer[]::new);
      Backoff backoff = new Backoff(0);
      while (Stream.of(parts).anyMatch(ByteBuffer::hasRemaining)) {
        if (sink.write(parts) > 0) {
          backoff = new Backoff(0);
        } else {
          whileFull.run();
          backoff.pause();
        }
      }
      torn = false;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes a small frame without ever waiting; what the connection does not take at once precedes
   * the next frame.
   *
   * @return whether all is written; if not, another try does no harm
   */
  boolean tryControl(FrameType type, byte[] payload) throws IOException {
    if (!lock.tryLock()) {
      return false;
    }
    try {
      if (torn) {
        throw new IOException("a frame was given up");
      }
      if (!tryFlush()) {
        return false;
      }
      control.clear();
      FrameHeader.control(type, payload.length).write(control);
      control.put(payload).flip();
      return tryFlush();
    } finally {
      lock.unlock();
    }
  }

  private boolean tryFlush() throws IOException {
    sink.write(control);
    return !control.hasRemaining();
  }
}

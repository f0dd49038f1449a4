package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.function.BiConsumer;

/** The connection to one peer and what is known of the peer's state. */
final class PeerConnection {
  private static final int DISCARDED_BYTES = 64 << 10;

  private final int peer;
  private final SocketChannel socket;
  private final FrameReader reader;
  private final FrameWriter writer;
  private boolean broken;
  private volatile boolean departed;
  private volatile long entered;
  private volatile boolean ended;
  private volatile boolean farewellSent;
  private volatile long heardNanos = System.nanoTime();

  /**
   * Takes over a non-blocking connection.
   *
   * @param failures told the payload of a failure frame
   */
  PeerConnection(int peer, Link link, int chunkBytes, BiConsumer<Integer, ByteBuffer> failures) {
    this.peer = peer;
    this.socket = link.socket();
    this.writer = new FrameWriter(link.sink());
    this.reader =
        new FrameReader(
            link.source(),
            chunkBytes,
            (type, payload) -> {
              switch (type) {
                case FAILURE -> failures.accept(peer, payload);
                case GOODBYE -> departed = true;
                default -> entered = payload.getLong();
              }
            });
  }

  void register(Selector selector) throws IOException {
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.register(selector, SelectionKey.OP_READ, this);
  }

  int peer() {
    return peer;
  }

  FrameWriter writer() {
    return writer;
  }

  BlockingQueue<Frame> frames() {
    return reader.frames();
  }

  /** Returns the last call that the peer is known to have entered; a heartbeat old at most. */
  long entered() {
    return entered;
  }

  /** Returns whether the peer has closed its group in order; its frames may still be queued. */
  boolean departed() {
    return departed;
  }

  /** Returns whether nothing can be read any more. */
  boolean ended() {
    return ended;
  }

  long silentNanos() {
    return System.nanoTime() - heardNanos;
  }

  /**
   * Reads what has arrived. A peer that says goodbye is let go at once. Of one that breaks the
   * protocol nothing more is understood, but the connection stays until it has been told. For the
   * I/O thread.
   */
  void read() throws IOException {
    heardNanos = System.nanoTime();
    boolean open = broken ? discard() : readFrames();
    if (departed || !open) {
      end();
    }
  }

  private boolean readFrames() throws IOException {
    try {
      return reader.read();
    } catch (ProtocolException e) {
      broken = true;
      throw e;
    }
  }

  /** Closing a connection with unread bytes would take the last words back. */
  private boolean discard() throws IOException {
    return socket.read(ByteBuffer.allocate(DISCARDED_BYTES)) >= 0;
  }

  /** Sends the last frame and ends this direction; does nothing when it has been sent. */
  void farewell(FrameType type, byte[] payload) {
    try {
      if (!farewellSent && !ended && writer.tryControl(type, payload)) {
        farewellSent = true;
        socket.shutdownOutput();
      }
    } catch (IOException e) {
      end();
    }
  }

  /** Closes the connection; what has been received stays readable. */
  void end() {
    ended = true;
    Channels.close(socket);
  }

  void release() {
    reader.release();
  }
}

package io.fabric4j.internal.distributed;

import java.io.Closeable;
import java.nio.channels.SocketChannel;

/**
 * A proved connection to another rank.
 *
 * @param socket for waiting, options and closing; its bytes are for source and sink alone
 */
record Link(SocketChannel socket, ByteSource source, ByteSink sink) implements Closeable {

  /** Returns a connection whose bytes travel as they are. */
  static Link clear(SocketChannel socket) {
    return new Link(socket, socket::read, socket::write);
  }

  /** Returns a connection whose bytes are encrypted, with a key for each direction. */
  static Link sealed(SocketChannel socket, byte[] sendingKey, byte[] receivingKey) {
    return new Link(
        socket, new SealedSource(socket, receivingKey), new SealedSink(socket, sendingKey));
  }

  @Override
  public void close() {
    Channels.close(socket);
  }
}

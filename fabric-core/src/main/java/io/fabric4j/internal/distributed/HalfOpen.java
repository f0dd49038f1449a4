package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** An accepted connection whose peer has not yet proved that it belongs to the group. */
final class HalfOpen {
  private final SocketChannel channel;
  private final Handshake handshake;
  private final long openedNanos = System.nanoTime();
  private ByteBuffer incoming = ByteBuffer.allocate(Handshake.HELLO_BYTES);
  private byte[] hello;
  private byte[] challenge;

  HalfOpen(SocketChannel channel, Handshake handshake) {
    this.channel = channel;
    this.handshake = handshake;
  }

  SocketChannel channel() {
    return channel;
  }

  /** Returns the connection to the proved peer. */
  Link link() {
    return handshake.acceptedLink(channel, hello, challenge);
  }

  long ageNanos() {
    return System.nanoTime() - openedNanos;
  }

  /**
   * Reads what has arrived and answers.
   *
   * @return the peer's rank once it is proved, -1 before
   * @throws IOException if the peer is none of the group
   */
  int advance() throws IOException {
    if (channel.read(incoming) < 0) {
      throw new IOException("closed during the handshake");
    }
    if (incoming.hasRemaining()) {
      return -1;
    }
    return challenge == null ? answerHello() : verifyProof();
  }

  private int answerHello() throws IOException {
    hello = incoming.array();
    if (handshake.claimedRank(hello) < 0) {
      throw new IOException("not a hello for this rank");
    }
    challenge = handshake.challenge(hello);
    write(challenge);
    incoming = ByteBuffer.allocate(Handshake.PROOF_BYTES);
    return -1;
  }

  private int verifyProof() throws IOException {
    if (!handshake.acceptsProof(hello, challenge, incoming.array())) {
      throw new IOException("wrong key");
    }
    write(new byte[] {Handshake.WELCOME});
    return handshake.claimedRank(hello);
  }

  /** The few bytes fit into the buffer of a new socket, or the peer is not worth waiting for. */
  private void write(byte[] bytes) throws IOException {
    if (channel.write(ByteBuffer.wrap(bytes)) < bytes.length) {
      throw new IOException("does not read");
    }
  }
}

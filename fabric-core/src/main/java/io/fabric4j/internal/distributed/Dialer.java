package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ProcessGroupException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Connects to a lower rank. */
final class Dialer {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Handshake handshake;
  private final Roster roster;

  Dialer(Handshake handshake, Roster roster) {
    this.handshake = handshake;
    this.roster = roster;
  }

  /**
   * Returns a proved connection.
   *
   * @throws IOException if another attempt may succeed
   * @throws ProcessGroupException if none will, because the keys differ
   */
  Link dial(int peer, Endpoint endpoint, Duration timeout) throws IOException {
    int millis = (int) Math.max(1, Math.min(timeout.toMillis(), PATIENCE.toMillis()));
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(new InetSocketAddress(endpoint.host(), endpoint.port()), millis);
      channel.socket().setSoTimeout(millis);
      Link link = shakeHands(channel, peer);
      channel.configureBlocking(false);
      return link;
    } catch (IOException | RuntimeException e) {
      Channels.close(channel);
      throw e;
    }
  }

  private Link shakeHands(SocketChannel channel, int peer) throws IOException {
    // The stream of the adapted socket, because reads of the channel itself know no timeout.
    InputStream in = channel.socket().getInputStream();
    byte[] hello = handshake.hello(peer);
    channel.write(ByteBuffer.wrap(hello));
    byte[] challenge = read(in, Handshake.CHALLENGE_BYTES);
    if (!handshake.acceptsChallenge(hello, challenge)) {
      throw new ProcessGroupException(
          roster.prefix()
              + " "
              + roster.name(peer)
              + " did not prove that it has the key of this launch. It belongs to another launch,"
              + " or another process has taken over its port.");
    }
    channel.write(ByteBuffer.wrap(handshake.proof(hello, challenge)));
    if (read(in, 1)[0] != Handshake.WELCOME) {
      throw new IOException("no welcome");
    }
    return handshake.dialedLink(channel, hello, challenge);
  }

  private static byte[] read(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new IOException("the connection was closed during the handshake");
    }
    return bytes;
  }
}

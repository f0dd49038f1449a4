package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** Whoever connects to ranks without belonging to them. */
public final class Strangers implements AutoCloseable {
  private static final int MILLIS = 2000;

  private final List<InetSocketAddress> targets;
  private final int size;
  private final byte[] key;
  private final List<Socket> held = new ArrayList<>();
  private final AtomicInteger attempts = new AtomicInteger();

  /**
   * Prepares to connect.
   *
   * @param endpoints of all ranks
   * @param key of the launch, with which strangers make what they could have recorded before
   */
  public Strangers(List<String> endpoints, byte[] key) {
    this.key = key.clone();
    size = endpoints.size();
    // The last rank only calls.
    targets =
        endpoints.subList(0, size - 1).stream()
            .map(Endpoint::decode)
            .map(endpoint -> new InetSocketAddress(endpoint.host(), endpoint.port()))
            .toList();
  }

  /** Opens connections that say nothing or half a hello, and stay open. */
  public void hold(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      Socket socket = connect(i);
      held.add(socket);
      byte[] hello = hello(i, key);
      socket.getOutputStream().write(hello, 0, i % 2 * hello.length / 2);
    }
  }

  /** Makes that many attempts to get in, one after the other. */
  public void intrude(int count) {
    for (int i = 0; i < count; i++) {
      try (Socket socket = connect(i)) {
        intrude(socket, i);
      } catch (IOException e) {
        // The rank has hung up, or listens no more.
      }
      attempts.incrementAndGet();
    }
  }

  public int attempts() {
    return attempts.get();
  }

  private Socket connect(int i) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(MILLIS);
    socket.connect(targets.get(i % targets.size()), MILLIS);
    return socket;
  }

  private void intrude(Socket socket, int i) throws IOException {
    switch (i / targets.size() % 5) {
      case 0 -> socket.getOutputStream().write(random(i, 200));
      case 1 -> socket.getOutputStream().write(filled((byte) 0x7F));
      case 2 -> answer(socket, i, challenge -> random(i, Handshake.PROOF_BYTES));
      case 3 -> answer(socket, i, Strangers::reflect);
      default -> answer(socket, i, challenge -> recorded(i));
    }
    if (socket.getInputStream().read() == Handshake.WELCOME) {
      throw new AssertionError("A stranger was let in.");
    }
  }

  private interface Answer {
    byte[] to(byte[] challenge);
  }

  private void answer(Socket socket, int i, Answer answer) throws IOException {
    socket.getOutputStream().write(hello(i, key));
    byte[] challenge = socket.getInputStream().readNBytes(Handshake.CHALLENGE_BYTES);
    if (challenge.length == Handshake.CHALLENGE_BYTES) {
      socket.getOutputStream().write(answer.to(challenge));
    }
  }

  /** Returns the rank's own MAC as if it were the stranger's. */
  private static byte[] reflect(byte[] challenge) {
    return Arrays.copyOfRange(
        challenge, challenge.length - Handshake.PROOF_BYTES, challenge.length);
  }

  /** Returns the right proof of another handshake. */
  private byte[] recorded(int i) {
    Handshake last = new Handshake(key, size - 1, size, false);
    return last.proof(hello(i, key), new byte[Handshake.CHALLENGE_BYTES]);
  }

  private byte[] hello(int i, byte[] secret) {
    return new Handshake(secret, size - 1, size, false).hello(i % targets.size());
  }

  private static byte[] random(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private static byte[] filled(byte value) {
    byte[] bytes = new byte[200];
    Arrays.fill(bytes, value);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : held) {
      socket.close();
    }
  }
}

package io.fabric4j.internal.distributed;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Stands on the path to a rank: keeps all bytes that pass, and changes one if told to. */
final class RecordingProxy implements AutoCloseable {
  private final Endpoint target;
  private final ServerSocket listener;
  private final ByteArrayOutputStream passed = new ByteArrayOutputStream();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicLong untilChange = new AtomicLong(Long.MAX_VALUE);

  RecordingProxy(String endpoint) throws IOException {
    target = Endpoint.decode(endpoint);
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  /** Returns the rank's endpoint as others have to see it. */
  String endpoint() {
    return new Endpoint(
            target.host(),
            listener.getLocalPort(),
            target.transport(),
            target.chunkBytes(),
            target.mount())
        .encode();
  }

  /** Changes a byte after that many more have passed. */
  void changeByteAfter(long bytes) {
    untilChange.set(bytes);
  }

  byte[] passed() {
    synchronized (passed) {
      return passed.toByteArray();
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket caller = listener.accept();
      Socket called = new Socket();
      sockets.addAll(List.of(caller, called));
      called.connect(new InetSocketAddress(target.host(), target.port()));
      start(() -> pass(caller, called));
      start(() -> pass(called, caller));
    }
  }

  private void pass(Socket from, Socket to) throws IOException {
    byte[] buffer = new byte[64 << 10];
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    for (int count; (count = in.read(buffer)) > 0; ) {
      synchronized (passed) {
        passed.write(buffer, 0, count);
        if (untilChange.addAndGet(-count) < 0) {
          buffer[0] ^= 1;
          untilChange.set(Long.MAX_VALUE);
        }
      }
      out.write(buffer, 0, count);
    }
    to.shutdownOutput();
  }

  private interface Code {
    void run() throws IOException;
  }

  private static void start(Code code) {
    Thread thread =
        new Thread(
            () -> {
              try {
                code.run();
              } catch (IOException e) {
                // A side has closed its connection.
              }
            },
            "recording-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}

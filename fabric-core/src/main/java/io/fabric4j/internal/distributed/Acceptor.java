package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the higher ranks in. One thread serves all connections without ever waiting for one, and
 * keeps a limited number of unproved ones, so that strangers can neither block nor exhaust it.
 */
final class Acceptor implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Acceptor.class);
  private static final int MAX_HALF_OPEN = 128;
  private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final ServerSocketChannel listener;
  private final Handshake handshake;
  private final Selector selector;
  private final Thread thread;
  private final Deque<HalfOpen> halfOpen = new ArrayDeque<>();
  private final Map<Integer, Link> accepted = new HashMap<>();
  private final AtomicInteger refused = new AtomicInteger();
  private volatile boolean closed;

  Acceptor(ServerSocketChannel listener, Handshake handshake, int rank) throws IOException {
    this.listener = listener;
    this.handshake = handshake;
    selector = Selector.open();
    listener.configureBlocking(false);
    listener.register(selector, SelectionKey.OP_ACCEPT);
    thread = new Thread(this::run, "fabric4j-rank-" + rank + "-acceptor");
    thread.setDaemon(true);
    thread.start();
  }

  /** Hands over the proved connections by rank; some lack if the time is not enough. */
  Map<Integer, Link> take(int count, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (accepted) {
      while (accepted.size() < count && deadline - System.nanoTime() > 0) {
        TimeUnit.NANOSECONDS.timedWait(accepted, deadline - System.nanoTime());
      }
      Map<Integer, Link> taken = new HashMap<>(accepted);
      accepted.clear();
      return taken;
    }
  }

  /** Returns how many connections were turned away. */
  int refused() {
    return refused.get();
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    Threads.join(thread, Duration.ofSeconds(2));
    Channels.close(listener);
    Channels.close(selector);
  }

  private void run() {
    while (!closed) {
      try {
        selector.select(1000);
        for (SelectionKey key : selector.selectedKeys()) {
          serve(key);
        }
        selector.selectedKeys().clear();
        expire();
      } catch (IOException e) {
        LOGGER.warn("Accepting connections failed, trying again: {}", e.toString());
        Threads.sleep(Duration.ofMillis(50));
      }
    }
    halfOpen.forEach(open -> Channels.close(open.channel()));
    synchronized (accepted) {
      accepted.values().forEach(Channels::close);
    }
  }

  private void serve(SelectionKey key) throws IOException {
    if (key.attachment() instanceof HalfOpen open) {
      advance(key, open);
    } else {
      for (SocketChannel channel; (channel = listener.accept()) != null; ) {
        open(channel);
      }
    }
  }

  private void open(SocketChannel channel) {
    HalfOpen open = new HalfOpen(channel, handshake);
    halfOpen.add(open);
    try {
      channel.configureBlocking(false);
      channel.register(selector, SelectionKey.OP_READ, open);
    } catch (IOException e) {
      refuse(open, e.getMessage());
    }
    if (halfOpen.size() > MAX_HALF_OPEN) {
      refuse(halfOpen.peek(), "too many unproved connections");
    }
  }

  private void advance(SelectionKey key, HalfOpen open) {
    try {
      int peer = open.advance();
      if (peer >= 0) {
        key.cancel();
        halfOpen.remove(open);
        admit(peer, open.link());
      }
    } catch (IOException e) {
      refuse(open, e.getMessage());
    }
  }

  /** A rank that lost its first attempt connects again: its latest connection counts. */
  private void admit(int peer, Link link) {
    synchronized (accepted) {
      Channels.close(accepted.put(peer, link));
      accepted.notifyAll();
    }
  }

  private void expire() {
    List<HalfOpen> expired = new ArrayList<>(halfOpen);
    expired.removeIf(open -> open.ageNanos() < HANDSHAKE_NANOS);
    expired.forEach(open -> refuse(open, "handshake timed out"));
  }

  private void refuse(HalfOpen open, String reason) {
    LOGGER.debug("Refused {}: {}", open.channel(), reason);
    refused.incrementAndGet();
    halfOpen.remove(open);
    Channels.close(open.channel());
  }
}

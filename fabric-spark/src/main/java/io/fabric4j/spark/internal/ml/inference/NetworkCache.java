package io.fabric4j.spark.internal.ml.inference;

import ai.djl.Device;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The networks in this process's native memory. Those who predict with the same model at the same
 * time, or soon after each other, share one.
 */
final class NetworkCache {

  /** One per JVM, since that is what the tasks of an executor share. */
  private static final NetworkCache SHARED = new NetworkCache(Duration.ofSeconds(30));

  private final long graceNanos;
  private final Map<Key, Entry> entries = new HashMap<>();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, NetworkCache::newThread);

  /**
   * Starts empty.
   *
   * @param grace how long a network stays when nobody uses it
   */
  NetworkCache(Duration grace) {
    graceNanos = grace.toNanos();
    timer.setKeepAliveTime(1, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  private static Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "fabric-network-cache");
    thread.setDaemon(true);
    return thread;
  }

  static NetworkCache shared() {
    return SHARED;
  }

  /**
   * What tells networks apart.
   *
   * @param model unique for network and weights
   */
  record Key(String model, Device device) {}

  /** A network while somebody uses it, and for a while after. */
  private static final class Entry {
    private LoadedNetwork network;
    private int users;
    private long idleSince;
    private boolean watched;

    /** Those who ask while it is being loaded wait; if that fails they try themselves. */
    synchronized LoadedNetwork load(Supplier<NetworkSource> source, Device device) {
      if (network == null) {
        network = LoadedNetwork.load(source.get(), device);
      }
      return network;
    }

    synchronized void close() {
      if (network != null) {
        network.close();
      }
    }
  }

  /** The use of a network, until it is closed. */
  final class Lease implements AutoCloseable {
    private final Key key;
    private final Entry entry;
    private final LoadedNetwork network;
    private boolean closed;

    private Lease(Key key, Entry entry, LoadedNetwork network) {
      this.key = key;
      this.entry = entry;
      this.network = network;
    }

    LoadedNetwork network() {
      return network;
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        release(key, entry);
      }
    }
  }

  /**
   * Returns a network for use, and loads it unless it is there.
   *
   * @param source of the network if it has to be loaded
   */
  Lease acquire(Key key, Supplier<NetworkSource> source) {
    Entry entry = enter(key);
    try {
      return new Lease(key, entry, entry.load(source, key.device()));
    } catch (RuntimeException | Error e) {
      release(key, entry);
      throw e;
    }
  }

  private synchronized Entry enter(Key key) {
    Entry entry = entries.computeIfAbsent(key, absent -> new Entry());
    entry.users++;
    return entry;
  }

  private synchronized void release(Key key, Entry entry) {
    entry.users--;
    if (entry.users == 0) {
      entry.idleSince = System.nanoTime();
      if (!entry.watched) {
        entry.watched = true;
        watch(key, entry, graceNanos);
      }
    }
  }

  private void watch(Key key, Entry entry, long delayNanos) {
    ScheduledFuture<?> unused =
        timer.schedule(() -> expire(key, entry), delayNanos, TimeUnit.NANOSECONDS);
  }

  private void expire(Key key, Entry entry) {
    synchronized (this) {
      if (entry.users > 0) {
        entry.watched = false;
        return;
      }
      long rest = entry.idleSince + graceNanos - System.nanoTime();
      if (rest > 0) {
        watch(key, entry, rest);
        return;
      }
      entries.remove(key);
    }
    entry.close();
  }

  /** Returns how many networks are in memory, or being loaded. */
  synchronized int size() {
    return entries.size();
  }
}

package io.fabric4j.internal.loggers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what a logger logs and writes it from a thread of its own. Storage that is slow or out
 * of reach costs the training no more than {@link #flush} and {@link #close} wait, and does not end
 * it: there is one warning, items are kept up to a limit, and each interval tries again.
 */
public final class BatchedWriter<T> implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(BatchedWriter.class);

  /**
   * Limits of a writer.
   *
   * @param first time from the first item to the first batch
   * @param interval time between batches
   * @param flushPatience how long {@code flush} waits
   * @param closePatience how long {@code close} waits
   * @param capacity items that are kept
   */
  public record Limits(
      Duration first,
      Duration interval,
      Duration flushPatience,
      Duration closePatience,
      int capacity) {

    /** Returns the limits of all loggers. */
    public static Limits of(Duration first, Duration interval) {
      return new Limits(first, interval, Duration.ofSeconds(10), Duration.ofSeconds(30), 50_000);
    }
  }

  private final String target;
  private final BatchSink<T> sink;
  private final Limits limits;
  private final Deque<T> pending = new ArrayDeque<>();
  private Thread thread;
  private long added;
  private long written;
  private long rejected;
  private boolean flushing;
  private boolean closed;
  private boolean troubled;
  private boolean warned;

  /**
   * @param target what messages call the place
   * @param sink opens its place on the first batch
   */
  public BatchedWriter(String target, BatchSink<T> sink, Limits limits) {
    this.target = target;
    this.sink = sink;
    this.limits = limits;
  }

  /** Takes an item, unless there are too many that could not be written. Does not block. */
  public synchronized void add(T item) {
    if (thread == null) {
      thread = new Thread(this::write, "fabric-logger");
      thread.setDaemon(true);
      thread.start();
    }
    if (pending.size() >= limits.capacity()) {
      rejected++;
      return;
    }
    pending.add(item);
    added++;
    if (pending.size() == limits.capacity() / 2) {
      requestFlush();
    }
  }

  /** Asks for a batch now, without waiting for it. */
  public synchronized void requestFlush() {
    flushing = true;
    notifyAll();
  }

  /** Waits until all items so far are written; not long, and not at all while writing fails. */
  public synchronized void flush() {
    long goal = added;
    long deadline = System.nanoTime() + limits.flushPatience().toNanos();
    requestFlush();
    while (written < goal && !troubled) {
      long left = deadline - System.nanoTime();
      troubled = left <= 0;
      if (!troubled && !pause(left)) {
        return;
      }
    }
  }

  /** Waits on this object; returns whether the thread was not interrupted. */
  private boolean pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, 1_000_000));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void write() {
    long start = System.nanoTime();
    long due = start + limits.first().toNanos();
    boolean last = false;
    while (!last) {
      List<T> batch;
      synchronized (this) {
        last = !awaitBatch(due);
        batch = List.copyOf(pending);
      }
      boolean done = batch.isEmpty() || write(batch);
      synchronized (this) {
        settle(done, batch.size());
      }
      long now = System.nanoTime();
      Duration pause = sink.pause(Duration.ofNanos(now - start));
      due = now + Math.max(limits.interval().toNanos(), pause.toNanos());
    }
    closeSink();
  }

  /** Returns at the time of a batch; false if it is the last one. */
  private boolean awaitBatch(long due) {
    while (!closed && (!flushing || troubled)) {
      long left = due - System.nanoTime();
      if (left <= 0) {
        break;
      }
      if (!pause(left)) {
        closed = true;
      }
    }
    flushing = false;
    return !closed;
  }

  private boolean write(List<T> batch) {
    try {
      sink.write(batch);
      return true;
    } catch (IOException | RuntimeException e) {
      warn(e);
      return false;
    }
  }

  private void settle(boolean done, int count) {
    troubled = !done;
    if (done) {
      written += count;
      for (int i = 0; i < count; i++) {
        pending.remove();
      }
    }
    notifyAll();
  }

  private void warn(Exception failure) {
    if (warned) {
      LOGGER.debug("Cannot write to {}", target, failure);
      return;
    }
    warned = true;
    LOGGER.warn(
        "Cannot write what is logged to {}: {}. Training goes on; up to {} entries are kept and"
            + " written when that is possible.",
        target,
        failure,
        limits.capacity());
  }

  private void closeSink() {
    try {
      sink.close();
    } catch (IOException | RuntimeException e) {
      warn(e);
    }
  }

  /** Writes what is left and closes the sink; gives up after a while, with a warning. */
  @Override
  public void close() {
    Thread writer;
    synchronized (this) {
      writer = thread;
      closed = true;
      notifyAll();
    }
    if (writer == null) {
      return;
    }
    try {
      writer.join(limits.closePatience().toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (writer.isAlive()) {
      writer.interrupt();
    }
    warnOfLoss();
  }

  private synchronized void warnOfLoss() {
    long lost = rejected + added - written;
    if (lost > 0) {
      LOGGER.warn("{} logged entries did not get to {}.", lost, target);
    }
    rejected = 0;
    written = added;
  }
}

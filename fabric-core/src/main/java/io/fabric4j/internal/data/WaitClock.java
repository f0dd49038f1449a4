package io.fabric4j.internal.data;

import java.util.function.LongSupplier;

/** Which share of its time a loop waits. The time after its last call does not count. */
public final class WaitClock {
  private final LongSupplier nanoTime;
  private final long start;
  private long last;
  private long waited;

  public WaitClock() {
    this(System::nanoTime);
  }

  WaitClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
    last = start;
  }

  /** The loop has done its work and starts to wait. */
  public void stop() {
    last = nanoTime.getAsLong();
  }

  /** The loop goes on. */
  public void go() {
    long now = nanoTime.getAsLong();
    waited += now - last;
    last = now;
  }

  /** Returns the waiting time in nanoseconds. */
  public long waitedNanos() {
    return waited;
  }

  /** Returns the waiting time divided by all time so far, 0 to 1. */
  public double share() {
    return last == start ? 0 : (double) waited / (last - start);
  }
}

package io.fabric4j.internal.nccl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/** Collectives that have not been checked yet, in order. */
final class WorkQueue {
  /** Far below the number of kernels that a stream takes before it blocks. */
  private static final int CAPACITY = 256;

  private final Deque<DeviceWork> works = new ArrayDeque<>();

  /** Adds work, waiting for room. */
  synchronized void put(DeviceWork work, Runnable watch) {
    await(() -> works.size() < CAPACITY, watch);
    works.add(work);
    notifyAll();
  }

  /** Returns the first work, waiting for it; null if none is there and none will come. */
  synchronized DeviceWork first(BooleanSupplier ended) {
    await(() -> !works.isEmpty() || ended.getAsBoolean(), () -> {});
    return works.peek();
  }

  synchronized void removeFirst() {
    works.remove();
    notifyAll();
  }

  /** Returns once work is no longer in the queue. */
  synchronized void await(DeviceWork work, Runnable watch) {
    await(() -> !works.contains(work), watch);
  }

  /** Makes every waiting thread look again. */
  synchronized void wakeUp() {
    notifyAll();
  }

  /** Calls the watch, whose exception ends the wait, after each wake-up and interrupt. */
  private synchronized void await(BooleanSupplier ready, Runnable watch) {
    while (!ready.getAsBoolean()) {
      watch.run();
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

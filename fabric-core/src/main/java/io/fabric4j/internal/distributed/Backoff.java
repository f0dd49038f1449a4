package io.fabric4j.internal.distributed;

import java.util.concurrent.locks.LockSupport;

/** Waits a little longer each time: spins, then yields, then parks. One per wait. */
final class Backoff {
  private static final int YIELDS = 200;
  private static final long FIRST_PARK_NANOS = 20_000;
  private static final long LAST_PARK_NANOS = 500_000;

  private int spins;
  private int yields = YIELDS;
  private long parkNanos = FIRST_PARK_NANOS;

  /**
   * Creates the pauses of one wait.
   *
   * @param spins pauses before the first yield; 0 where the peer may need this core
   */
  Backoff(int spins) {
    this.spins = spins;
  }

  // Yielding serves the case of more waiting ranks than cores.
  @SuppressWarnings("ThreadPriorityCheck")
  void pause() {
    if (spins > 0) {
      spins--;
      Thread.onSpinWait();
    } else if (yields > 0) {
      yields--;
      Thread.yield();
    } else {
      LockSupport.parkNanos(parkNanos);
      parkNanos = Math.min(2 * parkNanos, LAST_PARK_NANOS);
    }
  }
}

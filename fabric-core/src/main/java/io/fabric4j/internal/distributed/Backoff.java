package io.fabric4j.internal.distributed;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits in ways that cost less the longer it takes: spins, then yields, then parks. One per wait.
 */
final class Backoff {
  // Waking from a park takes some 70 us, more than most waits within a collective.
  private static final long YIELD_NANOS = TimeUnit.MICROSECONDS.toNanos(200);
  private static final long FIRST_PARK_NANOS = 20_000;
  private static final long LAST_PARK_NANOS = 500_000;

  private final long startNanos = System.nanoTime();
  private final long spinNanos;
  private long parkNanos = FIRST_PARK_NANOS;

  /**
   * Creates the pauses of one wait.
   *
   * @param spinNanos time before the first yield; 0 where the peer may need this core
   */
  Backoff(long spinNanos) {
    this.spinNanos = spinNanos;
  }

  // Yielding serves the case of more waiting ranks than cores.
  @SuppressWarnings("ThreadPriorityCheck")
  void pause() {
    long waited = System.nanoTime() - startNanos;
    if (waited < spinNanos) {
      Thread.onSpinWait();
    } else if (waited < spinNanos + YIELD_NANOS) {
      Thread.yield();
    } else {
      LockSupport.parkNanos(parkNanos);
      parkNanos = Math.min(2 * parkNanos, LAST_PARK_NANOS);
    }
  }
}

package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the launches of one application begin in order of arrival, each when those before it leave
 * it enough slots. Spark would accept them all, and a barrier stage that finds no slots holds up
 * whatever was submitted after it, and counts as one that stands still.
 */
final class LaunchQueue {
  private static final Logger LOGGER = LoggerFactory.getLogger(LaunchQueue.class);
  private static final long POLL_MILLIS = 200;
  private static final double ROUNDING = 1e-9;

  /** Launches of one application meet here: nothing else knows them all. */
  private static final Map<SparkContext, LaunchQueue> OF_CONTEXTS =
      Collections.synchronizedMap(new WeakHashMap<>());

  private final Deque<Object> waiting = new ArrayDeque<>();
  private double used;

  static LaunchQueue of(SparkContext context) {
    return OF_CONTEXTS.computeIfAbsent(context, unused -> new LaunchQueue());
  }

  /**
   * Waits for a launch's turn. The wait has no limit of its own, since launches may train for days;
   * it ends with the session.
   *
   * @return to be closed when the launch has ended
   * @throws FabricException if the thread is interrupted, or the session stopped
   */
  synchronized Turn enter(SparkContext context, LaunchPlan plan) {
    double share = Math.min(1, plan.ranks() / (double) Math.max(1, plan.slots()));
    Object place = new Object();
    waiting.add(place);
    try {
      if (!isTurn(place, share)) {
        LOGGER.info(
            "A launch of {} ranks waits: other launches of this application hold the {} slots, and"
                + " {} wait before it.",
            plan.ranks(),
            plan.slots(),
            waiting.size() - 1);
      }
      while (!isTurn(place, share)) {
        wait(POLL_MILLIS);
        if (context.isStopped()) {
          throw new FabricException(
              "The launch waited for other launches, and the session was stopped.");
        }
      }
      used += share;
      return new Turn(share);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException(
          "The launch was interrupted while it waited for the slots of others.", e);
    } finally {
      waiting.remove(place);
      notifyAll();
    }
  }

  private boolean isTurn(Object place, double share) {
    return waiting.peek() == place && used + share <= 1 + ROUNDING;
  }

  private synchronized void leave(double share) {
    used -= share;
    notifyAll();
  }

  /** The slots of a launch. */
  final class Turn implements AutoCloseable {
    private final double share;
    private boolean over;

    private Turn(double share) {
      this.share = share;
    }

    @Override
    public void close() {
      if (!over) {
        over = true;
        leave(share);
      }
    }
  }
}

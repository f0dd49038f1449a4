package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.Verdict;
import java.time.Duration;
import java.util.function.Supplier;

/** Waits for task slots as long as executors keep registering, and judges their number. */
final class SlotCheck {
  private static final long POLL_MILLIS = 100;
  private static final String TOTAL = "task slots";
  private static final String FREE = "free slots";

  private final int wanted;
  private final TaskSlots slots;
  private final Duration patience;

  private SlotCheck(int wanted, TaskSlots slots, Duration patience) {
    this.wanted = wanted;
    this.slots = slots;
    this.patience = patience;
  }

  /**
   * Counts the slots.
   *
   * @param wanted number of ranks, 0 for all slots
   * @param patience how long to wait for one more executor
   */
  static SlotCheck await(int wanted, Supplier<TaskSlots> source, Duration patience) {
    TaskSlots slots = source.get();
    long since = System.nanoTime();
    while (slots.count() < Math.max(1, wanted) && System.nanoTime() - since < patience.toNanos()) {
      pause();
      TaskSlots now = source.get();
      if (now.executors() > slots.executors()) {
        since = System.nanoTime();
      }
      slots = now;
    }
    return new SlotCheck(wanted, slots, patience);
  }

  /** Returns the number of ranks to start. */
  int ranks() {
    return wanted == 0 ? Math.max(1, slots.count()) : wanted;
  }

  /** Returns the number of slots, busy or free. */
  int count() {
    return slots.count();
  }

  Verdict total() {
    if (slots.count() >= ranks()) {
      return Verdict.ok(
          TOTAL, ranks() + " of " + slots.count() + " are wanted (" + slots.description() + ").");
    }
    if (slots.count() == 0) {
      return Verdict.failed(
          TOTAL,
          "Cannot launch "
              + ranks()
              + (ranks() == 1 ? " rank" : " ranks")
              + ": no task slot is available ("
              + slots.description()
              + ") and no executor registered within "
              + patience.toSeconds()
              + " s.",
          "Look at the cluster manager's page, or raise "
              + SparkFabricOptions.EXECUTOR_TIMEOUT
              + ".");
    }
    return Verdict.failed(
        TOTAL,
        "Cannot launch "
            + ranks()
            + " ranks: "
            + slots.count()
            + " task "
            + (slots.count() == 1 ? "slot is" : "slots are")
            + " available ("
            + slots.description()
            + ") and a barrier stage starts all ranks at once.",
        "Set numWorkers to "
            + slots.count()
            + (slots.count() == 1 ? "" : " or fewer")
            + ", or "
            + remedy());
  }

  /** A launch waits for busy slots, so that a lack of them is no failure. */
  Verdict free() {
    if (slots.count() < ranks()) {
      return Verdict.skipped(FREE, "There are not enough slots, busy or free.");
    }
    int free = Math.max(0, slots.count() - slots.busy());
    if (free >= ranks()) {
      return Verdict.ok(FREE, free + " of " + slots.count() + " are free.");
    }
    return Verdict.warning(
        FREE,
        free
            + " of "
            + slots.count()
            + " are free, other jobs hold the rest, and the ranks start when "
            + ranks()
            + " are free at once.",
        "Wait for the other jobs or stop them.");
  }

  private String remedy() {
    if (slots.executors() == 0) {
      return slots.gpus() > 0
          ? "choose the accelerator 'cpu'."
          : "start Spark with master local[" + ranks() + "].";
    }
    return slots.gpus() == 0
        ? "add executors."
        : "add executors, or give them more GPUs ("
            + RankResources.EXECUTOR_AMOUNT
            + ") and a core for each, or choose the accelerator 'cpu'.";
  }

  private static void pause() {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException("Interrupted while waiting for executors.", e);
    }
  }
}

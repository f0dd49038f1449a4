package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/** Finds in seconds what would make Spark wait for minutes, or fail without saying why. */
final class Preflight {
  private static final long POLL_MILLIS = 100;

  private Preflight() {}

  /**
   * Checks that a launch can work here.
   *
   * @throws IllegalStateException if the session has been stopped
   * @throws FabricException if the cluster cannot run the ranks
   */
  static LaunchPlan check(SparkContext context, SparkFabricOptions options) {
    checkRunning(context);
    checkAllocation(context.getConf());
    if (!context.isLocal()) {
      checkEncryption(context.getConf(), options);
    }
    RankResources resources = RankResources.of(context, options.fabric().accelerator());
    Duration patience = context.isLocal() ? Duration.ZERO : options.executorTimeout();
    int ranks = checkSlots(options.numWorkers(), () -> TaskSlots.of(context, resources), patience);
    return new LaunchPlan(ranks, resources.profile());
  }

  private static void checkRunning(SparkContext context) {
    if (context.isStopped()) {
      throw new IllegalStateException(
          "Cannot launch: the SparkSession has been stopped. Create one with"
              + " SparkSession.builder().getOrCreate().");
    }
  }

  static void checkAllocation(SparkConf conf) {
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new FabricException(
          "Cannot launch: spark.dynamicAllocation.enabled is true, and Spark does not start barrier"
              + " stages, which start all ranks at once, while it may add and remove executors."
              + " Start the application with spark.dynamicAllocation.enabled=false and"
              + " spark.executor.instances set.");
    }
  }

  static void checkEncryption(SparkConf conf, SparkFabricOptions options) {
    for (String key : new String[] {"spark.network.crypto.enabled", "spark.ssl.rpc.enabled"}) {
      if (conf.getBoolean(key, false) && !options.allowClearText()) {
        throw new FabricException(
            "Cannot launch: "
                + key
                + " is true, but ranks exchange gradients and parameters over sockets of their own"
                + " in clear text (who may connect is checked). If the network is trusted, set "
                + SparkFabricOptions.ALLOW_CLEAR_TEXT
                + "=true.");
      }
    }
  }

  /**
   * Waits for slots as long as executors keep registering.
   *
   * @param wanted number of ranks, 0 for all slots
   * @param patience how long to wait for one more executor
   */
  static int checkSlots(int wanted, Supplier<TaskSlots> source, Duration patience) {
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
    if (slots.count() >= Math.max(1, wanted)) {
      return wanted == 0 ? slots.count() : wanted;
    }
    throw new FabricException(message(Math.max(1, wanted), slots, patience));
  }

  private static String message(int wanted, TaskSlots slots, Duration patience) {
    if (slots.count() == 0) {
      return "Cannot launch "
          + wanted
          + (wanted == 1 ? " rank" : " ranks")
          + ": no task slot is available ("
          + slots.description()
          + ") and no executor registered within "
          + patience.toSeconds()
          + " s. Look at the cluster manager's page, or raise "
          + SparkFabricOptions.EXECUTOR_TIMEOUT
          + ".";
    }
    return "Cannot launch "
        + wanted
        + " ranks: "
        + slots.count()
        + " task "
        + (slots.count() == 1 ? "slot is" : "slots are")
        + " available ("
        + slots.description()
        + ") and a barrier stage starts all ranks at once. Set numWorkers to "
        + slots.count()
        + (slots.count() == 1 ? "" : " or fewer")
        + ", or "
        + remedy(wanted, slots);
  }

  private static String remedy(int wanted, TaskSlots slots) {
    if (slots.executors() == 0) {
      return slots.gpus() > 0
          ? "choose the accelerator 'cpu'."
          : "start Spark with master local[" + wanted + "].";
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

package io.fabric4j.spark.internal.launch;

import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.Verdict;
import java.time.Duration;
import org.apache.spark.SparkConf;

/** Checks of Spark's settings that a stage of ranks depends on. */
final class BarrierSettings {
  private static final String LEGACY_RESET = "spark.locality.wait.legacyResetOnTaskLaunch";
  private static final String BARRIER_TIMEOUT = "spark.barrier.sync.timeout";
  private static final String ATTEMPTS = "spark.stage.maxConsecutiveAttempts";

  private BarrierSettings() {}

  static Verdict allocation(SparkConf conf) {
    if (!conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      return Verdict.ok("allocation", "Executors stay: dynamic allocation is off.");
    }
    return Verdict.failed(
        "allocation",
        "Cannot launch: spark.dynamicAllocation.enabled is true, and Spark does not start barrier"
            + " stages, which start all ranks at once, while it may add and remove executors.",
        "Start the application with spark.dynamicAllocation.enabled=false and"
            + " spark.executor.instances set.");
  }

  static Verdict encryption(SparkConf conf, SparkFabricOptions options) {
    Encryption encryption = Encryption.of(conf, options);
    if (!encryption.isOn()) {
      return Verdict.ok("encryption", "Neither Spark nor the ranks encrypt what they exchange.");
    }
    return Verdict.ok(
        "encryption",
        encryption.setting()
            + " is true, and the ranks encrypt too. NCCL cannot: between hosts it is "
            + (encryption.clearTextAllowed() ? "allowed." : "refused."));
  }

  /** With this legacy setting Spark gives up a stage whose tasks it cannot place in one round. */
  static Verdict locality(SparkConf conf) {
    if (conf.getBoolean(LEGACY_RESET, false) && conf.getTimeAsMs("spark.locality.wait", "3s") > 0) {
      return Verdict.warning(
          "locality",
          LEGACY_RESET
              + " is true, and then Spark fails barrier stages whose tasks prefer busy hosts.",
          "Leave it out, or set spark.locality.wait=0.");
    }
    return Verdict.ok("locality", "Ranks may start on any host.");
  }

  static Verdict rendezvous(SparkConf conf, SparkFabricOptions options) {
    Duration timeout = Duration.ofSeconds(conf.getTimeAsSeconds(BARRIER_TIMEOUT, "365d"));
    if (timeout.compareTo(options.startTimeout()) < 0) {
      return Verdict.warning(
          "rendezvous",
          BARRIER_TIMEOUT
              + " is "
              + timeout.toSeconds()
              + " s: a rank that has read its input waits no longer than that for the others.",
          "Leave it out; " + SparkFabricOptions.START_TIMEOUT + " is the deadline of the start.");
    }
    return Verdict.ok(
        "rendezvous",
        "Ranks have "
            + options.startTimeout().toSeconds()
            + " s to start and to read their input ("
            + SparkFabricOptions.START_TIMEOUT
            + ").");
  }

  static Verdict attempts(SparkConf conf) {
    int attempts = conf.getInt(ATTEMPTS, 4);
    if (attempts > 1) {
      return Verdict.ok(
          "retries",
          "After the loss of an executor Spark runs the ranks again, up to "
              + (attempts - 1)
              + " times in a row.");
    }
    return Verdict.warning(
        "retries",
        ATTEMPTS + " is " + attempts + ": the loss of one executor ends the training.",
        "Leave it out (4), or raise it.");
  }
}

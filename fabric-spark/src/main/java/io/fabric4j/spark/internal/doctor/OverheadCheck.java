package io.fabric4j.spark.internal.doctor;

import io.fabric4j.spark.Verdict;
import org.apache.spark.SparkConf;

/** Compares what a cluster manager grants an executor beside its heap with what ranks need. */
final class OverheadCheck {
  private static final String CHECK = "memory overhead";
  private static final String OVERHEAD = "spark.executor.memoryOverhead";
  private static final long MIB = 1L << 20;

  private OverheadCheck() {}

  static Verdict examine(SparkConf conf, MemoryNeed need, int ranks) {
    String master = conf.get("spark.master");
    if (master.equals("local") || master.startsWith("local[")) {
      return Verdict.skipped(CHECK, "Ranks run within the driver, which has no limit of its own.");
    }
    int together = ranksPerExecutor(conf, ranks);
    String needed =
        Bytes.text(need.ofProcess(together))
            + " beside the heap of an executor with "
            + together
            + (together == 1 ? " rank: " : " ranks: ")
            + need
            + ".";
    if (!isEnforced(master)) {
      return Verdict.ok(CHECK, "This cluster manager sets no limit. Needed are " + needed);
    }
    long granted = granted(conf);
    if (granted >= need.ofProcess(together)) {
      return Verdict.ok(CHECK, Bytes.text(granted) + " are granted. Needed are " + needed);
    }
    return Verdict.failed(
        CHECK,
        "An executor would be killed: "
            + Bytes.text(granted)
            + " are granted beside its heap, and needed are "
            + needed,
        "Start the application with "
            + OVERHEAD
            + "="
            + (need.ofProcess(together) + MIB - 1) / MIB
            + "m plus what activations and batches take.");
  }

  private static boolean isEnforced(String master) {
    return master.startsWith("yarn") || master.startsWith("k8s://");
  }

  /** Spark's rule: the amount itself, else a share of the heap, but not below a minimum. */
  private static long granted(SparkConf conf) {
    if (conf.contains(OVERHEAD)) {
      return conf.getSizeAsMb(OVERHEAD) * MIB;
    }
    double factor =
        conf.getDouble(
            "spark.executor.memoryOverheadFactor",
            conf.getDouble("spark.kubernetes.memoryOverheadFactor", 0.1));
    long share = (long) (factor * conf.getSizeAsMb("spark.executor.memory", "1g"));
    return Math.max(share, conf.getSizeAsMb("spark.executor.minMemoryOverhead", "384m")) * MIB;
  }

  private static int ranksPerExecutor(SparkConf conf, int ranks) {
    int cores = conf.getInt("spark.executor.cores", 1);
    int slots = Math.max(1, cores / conf.getInt("spark.task.cpus", 1));
    int gpus = conf.getInt("spark.executor.resource.gpu.amount", 0);
    return Math.min(ranks, gpus == 0 ? slots : Math.min(slots, gpus));
  }
}

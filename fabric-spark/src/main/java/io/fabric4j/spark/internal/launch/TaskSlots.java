package io.fabric4j.spark.internal.launch;

import java.util.Arrays;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkExecutorInfo;

/**
 * The tasks that the cluster can run at once, whether busy or not.
 *
 * @param count number of tasks
 * @param busy slots in which tasks run now
 * @param executors executors that have registered; 0 if tasks run on the driver
 * @param gpus that each executor shares out to ranks, 0 if ranks are not placed by GPU
 * @param description where they come from, for messages
 */
record TaskSlots(int count, int busy, int executors, int gpus, String description) {

  /** Counts as Spark does when it accepts a barrier stage, with GPUs and excluded executors. */
  static TaskSlots of(SparkContext context, RankResources resources) {
    int count = context.maxNumConcurrentTasks(resources.profile());
    int gpus = resources.gpus();
    SparkExecutorInfo[] processes = context.statusTracker().getExecutorInfos();
    int busy = Arrays.stream(processes).mapToInt(SparkExecutorInfo::numRunningTasks).sum();
    String each =
        "spark.task.cpus="
            + context.getConf().get("spark.task.cpus", "1")
            + (gpus == 0 ? "" : ", " + gpus + (gpus == 1 ? " GPU" : " GPUs"));
    if (context.isLocal()) {
      return new TaskSlots(
          gpus == 0 ? count : Math.min(count, gpus), busy, 0, gpus, context.master() + ", " + each);
    }
    int executors = Math.max(0, processes.length - 1);
    String cores = context.getConf().get("spark.executor.cores", "");
    return new TaskSlots(
        count,
        busy,
        executors,
        gpus,
        executors
            + (executors == 1 ? " executor" : " executors")
            + (cores.isEmpty() ? ", " : " x " + cores + " cores / ")
            + each
            + (gpus == 0 ? "" : " per executor and 1 per rank"));
  }
}

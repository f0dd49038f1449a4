package io.fabric4j.spark.internal.launch;

import org.apache.spark.SparkContext;

/**
 * The tasks that the cluster can run at once, whether busy or not.
 *
 * @param count number of tasks
 * @param executors executors that have registered; 0 if tasks run on the driver
 * @param description where they come from, for messages
 */
record TaskSlots(int count, int executors, String description) {

  /** Counts as Spark does when it accepts a barrier stage, with GPUs and excluded executors. */
  static TaskSlots of(SparkContext context) {
    int count =
        context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    String cpus = "spark.task.cpus=" + context.getConf().get("spark.task.cpus", "1");
    if (context.isLocal()) {
      return new TaskSlots(count, 0, context.master() + ", " + cpus);
    }
    int executors = Math.max(0, context.statusTracker().getExecutorInfos().length - 1);
    String cores = context.getConf().get("spark.executor.cores", "");
    return new TaskSlots(
        count,
        executors,
        executors
            + (executors == 1 ? " executor" : " executors")
            + (cores.isEmpty() ? ", " : " x " + cores + " cores / ")
            + cpus);
  }
}

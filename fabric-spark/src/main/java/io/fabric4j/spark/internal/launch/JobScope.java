package io.fabric4j.spark.internal.launch;

import java.util.UUID;
import org.apache.spark.SparkContext;

/**
 * The calling thread's Spark properties during a launch, put back on close. A job group would
 * replace the one by which a notebook cancels its cells; a tag does not.
 */
final class JobScope implements AutoCloseable {
  private static final String INTERRUPT = "spark.job.interruptOnCancel";

  private final SparkContext context;
  private final String tag = "fabric-" + UUID.randomUUID();
  private final String interrupt;

  private JobScope(SparkContext context) {
    this.context = context;
    interrupt = context.getLocalProperty(INTERRUPT);
  }

  /** Marks the jobs that the calling thread starts until close. */
  static JobScope open(SparkContext context) {
    JobScope scope = new JobScope(context);
    context.addJobTag(scope.tag);
    context.setInterruptOnCancel(true);
    return scope;
  }

  /** Cancels the jobs of this scope. */
  void cancel() {
    if (!context.isStopped()) {
      context.cancelJobsWithTag(tag);
    }
  }

  /** Leaves no job behind, whatever ended the launch. */
  @Override
  public void close() {
    cancel();
    context.removeJobTag(tag);
    context.setLocalProperty(INTERRUPT, interrupt);
  }
}

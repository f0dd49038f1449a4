package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import org.apache.spark.TaskContext;

/**
 * Aborts the group of a rank whose task is killed. Spark only sets a flag: a rank that waits for
 * its peers would keep the task slot.
 */
final class KillWatch implements AutoCloseable {
  private static final long POLL_MILLIS = 100;

  private final Thread thread;

  private KillWatch(Thread thread) {
    this.thread = thread;
  }

  static KillWatch start(TaskContext context, ProcessGroup group) {
    Thread thread =
        new Thread(() -> watch(context, group), "fabric-kill-watch-" + context.taskAttemptId());
    thread.setDaemon(true);
    thread.start();
    return new KillWatch(thread);
  }

  private static void watch(TaskContext context, ProcessGroup group) {
    try {
      while (!context.isInterrupted()) {
        Thread.sleep(POLL_MILLIS);
      }
      group.abort(new FabricException("Spark killed the task."));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the rank is done
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

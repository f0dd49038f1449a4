package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import org.apache.spark.TaskContext;

/**
 * Ends a rank whose task is killed, wherever it waits. Of a task whose peer was lost Spark sets
 * only a flag, and the rank would keep the task slot that the next attempt needs.
 */
final class KillWatch implements AutoCloseable {
  private static final long POLL_MILLIS = 100;

  private final Thread thread;

  private KillWatch(Thread thread) {
    this.thread = thread;
  }

  /** Watches the task of the calling thread until close. */
  static KillWatch start(TaskContext context, ProcessGroup group) {
    Thread rank = Thread.currentThread();
    Thread thread =
        new Thread(
            () -> watch(context, group, rank), "fabric-kill-watch-" + context.taskAttemptId());
    thread.setDaemon(true);
    thread.start();
    return new KillWatch(thread);
  }

  private static void watch(TaskContext context, ProcessGroup group, Thread rank) {
    try {
      while (!context.isInterrupted()) {
        Thread.sleep(POLL_MILLIS);
      }
      group.abort(new FabricException("Spark killed the task."));
      rank.interrupt();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the rank is done
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}

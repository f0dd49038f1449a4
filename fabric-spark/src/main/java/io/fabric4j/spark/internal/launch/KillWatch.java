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

  private final TaskContext context;
  private final Thread rank = Thread.currentThread();
  private final Thread thread;
  private volatile ProcessGroup group;

  private KillWatch(TaskContext context) {
    this.context = context;
    thread = new Thread(this::watch, "fabric-kill-watch-" + context.taskAttemptId());
    thread.setDaemon(true);
  }

  /** Watches the task of the calling thread until close. */
  static KillWatch start(TaskContext context) {
    KillWatch watch = new KillWatch(context);
    watch.thread.start();
    return watch;
  }

  /** Adds the group, whose other ranks are told too. */
  void guard(ProcessGroup joined) {
    group = joined;
  }

  private void watch() {
    try {
      while (!context.isInterrupted()) {
        Thread.sleep(POLL_MILLIS);
      }
      if (group != null) {
        group.abort(new FabricException("Spark killed the task."));
      }
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

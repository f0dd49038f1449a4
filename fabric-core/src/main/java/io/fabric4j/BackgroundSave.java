package io.fabric4j;

import io.fabric4j.internal.checkpoint.StateSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One file that a thread of its own writes. */
final class BackgroundSave {
  private static final Logger LOG = LoggerFactory.getLogger(BackgroundSave.class);
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final String path;
  private final FutureTask<Void> task;

  /** Something that writes. */
  @FunctionalInterface
  interface Write {
    void run() throws IOException;
  }

  /**
   * Starts to write.
   *
   * @param snapshot closed at the end
   */
  BackgroundSave(String path, StateSnapshot snapshot, Write write) {
    this.path = path;
    task =
        new FutureTask<>(
            () -> {
              try (snapshot) {
                write.run();
              }
              return null;
            });
    Thread thread = new Thread(task, "fabric-save");
    thread.setDaemon(true);
    thread.start();
  }

  boolean isDone() {
    return task.isDone();
  }

  /**
   * Waits until the file is written.
   *
   * @throws IOException if it could not be
   * @throws FabricException if this thread is interrupted; writing goes on
   */
  void await() throws IOException {
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException(
          "Interrupted while checkpoint " + path + " was being written. Writing goes on.", e);
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  /**
   * Waits until the file is written or cannot be. If this thread is interrupted, because its rank
   * was cancelled, then for a moment only: what is not written by then will not be.
   */
  void close() throws IOException {
    try {
      await();
    } catch (FabricException e) {
      Thread.interrupted();
      try {
        task.get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException | InterruptedException late) {
        task.cancel(true);
        LOG.warn("Checkpoint {} was being written when its rank was cancelled.", path);
      } catch (ExecutionException failed) {
        throw failure(failed);
      } finally {
        Thread.currentThread().interrupt();
      }
    }
  }

  private IOException failure(ExecutionException e) {
    return new IOException(
        "Cannot save checkpoint " + path + " in the background: " + e.getCause().getMessage(),
        e.getCause());
  }
}

package io.fabric4j;

import io.fabric4j.internal.checkpoint.StateSnapshot;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** One file that a thread of its own writes. */
final class BackgroundSave {
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
      throw new IOException(
          "Cannot save checkpoint " + path + " in the background: " + e.getCause().getMessage(),
          e.getCause());
    }
  }

  /** Waits as {@link #await} does, and leaves an interrupt for later. */
  void awaitUninterrupted() throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          await();
          return;
        } catch (FabricException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

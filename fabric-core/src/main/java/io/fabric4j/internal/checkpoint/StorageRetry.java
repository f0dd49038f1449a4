package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries a storage operation again, after growing pauses, while its storage is out of reach. */
public final class StorageRetry {
  private static final Logger LOG = LoggerFactory.getLogger(StorageRetry.class);
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long FIRST_PAUSE_MILLIS = 250;
  private static final long LAST_PAUSE_MILLIS = 8000;

  private StorageRetry() {}

  /** What may fail. */
  @FunctionalInterface
  public interface Operation<T> {
    T run() throws IOException;
  }

  /**
   * Returns an operation's result.
   *
   * @param io tells which failures pass
   * @throws IOException the operation's, at once if it does not pass, else after two minutes
   */
  public static <T> T run(CheckpointIO io, Operation<T> operation) throws IOException {
    return run(io, LIMIT, operation);
  }

  static <T> T run(CheckpointIO io, Duration limit, Operation<T> operation) throws IOException {
    long deadline = System.nanoTime() + limit.toNanos();
    long pause = FIRST_PAUSE_MILLIS;
    while (true) {
      try {
        return operation.run();
      } catch (IOException e) {
        if (!io.isTransient(e) || System.nanoTime() - deadline > 0) {
          throw e;
        }
        LOG.warn("{} Trying again in {} ms.", e.getMessage(), pause);
        sleep(pause, e);
        pause = Math.min(2 * pause, LAST_PAUSE_MILLIS);
      }
    }
  }

  private static void sleep(long millis, IOException failure) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException interrupted =
          new InterruptedIOException("Interrupted after: " + failure.getMessage());
      interrupted.initCause(failure);
      throw interrupted;
    }
  }
}

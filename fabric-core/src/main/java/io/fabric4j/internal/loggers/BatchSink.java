package io.fabric4j.internal.loggers;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Where a {@link BatchedWriter} writes to; used by its thread alone. */
public interface BatchSink<T> {

  /**
   * Writes items so that readers see them. After a failure the next batch begins with the same
   * items.
   */
  void write(List<T> batch) throws IOException;

  /**
   * Returns how long to wait at least until the next batch.
   *
   * @param age time since the first item
   */
  default Duration pause(Duration age) {
    return Duration.ZERO;
  }

  /** Ends, after the last batch. */
  void close() throws IOException;
}

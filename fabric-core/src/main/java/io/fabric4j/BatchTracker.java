package io.fabric4j;

import io.fabric4j.internal.data.BatchShare;

/** Remembers, for a rank's thread, the share of the batch that its loop is working on. */
final class BatchTracker {
  private BatchShare current;

  /** Returns the share of the innermost loop's batch, or null outside of loops. */
  BatchShare current() {
    return current;
  }

  void set(BatchShare share) {
    current = share;
  }
}

package io.fabric4j.spark.internal.data;

/** How many bytes of rows a rank may still keep in memory. It belongs to the rank's thread. */
final class MemoryBudget {
  private final long total;
  private long free;

  MemoryBudget(long bytes) {
    total = bytes;
    free = bytes;
  }

  long total() {
    return total;
  }

  /** Takes bytes, if so many are left. */
  boolean take(long bytes) {
    if (bytes > free) {
      return false;
    }
    free -= bytes;
    return true;
  }

  /** Gives back bytes that were taken. */
  void release(long bytes) {
    free += bytes;
  }
}

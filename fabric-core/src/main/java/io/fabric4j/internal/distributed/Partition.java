package io.fabric4j.internal.distributed;

/**
 * A range of elements cut into one slice per rank.
 *
 * @param start first element of the range
 * @param count elements of the range
 * @param parts number of slices
 */
record Partition(long start, long count, int parts) {

  /** Returns the first element of a slice. */
  long start(int part) {
    return start + count * part / parts;
  }

  /** Returns the elements of a slice; slices differ by one at most. */
  long count(int part) {
    return start(part + 1) - start(part);
  }
}

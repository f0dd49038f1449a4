package io.fabric4j.strategies;

/**
 * Consecutive elements of a flat buffer.
 *
 * @param begin index of the first element
 * @param end index after the last element
 */
public record FlatSlice(long begin, long end) {

  /** Returns the number of elements. */
  public long length() {
    return end - begin;
  }

  /** Returns the elements that both slices have; an empty slice within this if there are none. */
  public FlatSlice intersect(FlatSlice other) {
    long first = Math.min(end, Math.max(begin, other.begin));
    return new FlatSlice(first, Math.max(first, Math.min(end, other.end)));
  }

  /** Returns whether the slice has no elements. */
  public boolean isEmpty() {
    return begin == end;
  }
}

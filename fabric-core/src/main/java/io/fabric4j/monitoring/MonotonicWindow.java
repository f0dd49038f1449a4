package io.fabric4j.monitoring;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last values of a series that increases. */
final class MonotonicWindow {
  private final String name;
  private final int size;
  private final Deque<Double> values = new ArrayDeque<>();

  MonotonicWindow(String name, int size) {
    this.name = name;
    this.size = size;
  }

  void check(Number value) {
    if (!values.isEmpty() && !(value.doubleValue() > values.getLast())) {
      throw new IllegalArgumentException(
          "Expected "
              + name
              + " to increase, but it went from "
              + values.getLast()
              + " to "
              + value.doubleValue()
              + ". Pass totals since the start, not those of the last batch.");
    }
  }

  void add(Number value) {
    values.add(value.doubleValue());
    if (values.size() > size) {
      values.remove();
    }
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  boolean isFull() {
    return values.size() == size;
  }

  double last() {
    return values.getLast();
  }

  double elapsed() {
    return values.getLast() - values.getFirst();
  }

  void clear() {
    values.clear();
  }
}

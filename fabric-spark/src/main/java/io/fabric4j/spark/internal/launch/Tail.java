package io.fabric4j.spark.internal.launch;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * The last items of a sequence. Immutable.
 *
 * @param first number of the first item here, from 0
 */
record Tail<T>(long first, List<T> items) implements Serializable {

  static <T> Tail<T> empty() {
    return new Tail<>(0, List.of());
  }

  /** Returns the tail one item later, with at most so many. */
  Tail<T> with(T item, int max) {
    int dropped = items.size() < max ? 0 : 1;
    List<T> changed = new ArrayList<>(items.size() + 1 - dropped);
    changed.addAll(items.subList(dropped, items.size()));
    changed.add(item);
    return new Tail<>(first + dropped, changed);
  }

  /** Returns the tail with another last item. */
  Tail<T> withLast(T item) {
    List<T> changed = new ArrayList<>(items);
    changed.set(changed.size() - 1, item);
    return new Tail<>(first, changed);
  }

  /** Returns the tail without its first items. */
  Tail<T> without(int count) {
    return new Tail<>(first + count, List.copyOf(items.subList(count, items.size())));
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  T last() {
    return items.get(items.size() - 1);
  }
}

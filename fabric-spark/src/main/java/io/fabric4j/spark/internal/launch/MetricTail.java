package io.fabric4j.spark.internal.launch;

import io.fabric4j.spark.progress.MetricPoint;
import java.io.Serializable;

/**
 * The points that a rank logged last. Immutable.
 *
 * @param values of all points together
 */
record MetricTail(Tail<MetricPoint> points, int values) implements Serializable {
  /** Limit of values; a point of more values stays alone. */
  static final int MAX_VALUES = 8192;

  static final int MAX_POINTS = 1024;
  static final MetricTail EMPTY = new MetricTail(Tail.empty(), 0);

  /** Adds a point, which becomes one with the last one if that is of the same step. */
  MetricTail with(MetricPoint point) {
    if (points.isEmpty() || points.last().step() != point.step()) {
      int dropped = points.items().size() < MAX_POINTS ? 0 : size(0);
      return new MetricTail(
              points.with(point, MAX_POINTS), values - dropped + point.values().size())
          .bounded();
    }
    MetricPoint joined = points.last().with(point);
    int more = joined.values().size() - points.last().values().size();
    return new MetricTail(points.withLast(joined), values + more).bounded();
  }

  private MetricTail bounded() {
    int left = values;
    int oldest = 0;
    while (left > MAX_VALUES && oldest < points.items().size() - 1) {
      left -= size(oldest++);
    }
    return oldest == 0 ? this : new MetricTail(points.without(oldest), left);
  }

  private int size(int index) {
    return points.items().get(index).values().size();
  }
}

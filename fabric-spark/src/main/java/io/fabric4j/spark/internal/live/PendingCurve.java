package io.fabric4j.spark.internal.live;

import java.util.ArrayList;
import java.util.List;

/** Points of one curve that no event carries yet; of too many the extremes of neighbours stay. */
final class PendingCurve {
  private final Curve.Kind kind;
  private final String name;
  private List<Point> points = new ArrayList<>();

  private record Point(long time, long step, double value) {}

  PendingCurve(Curve.Kind kind, String name) {
    this.kind = kind;
    this.name = name;
  }

  /** Adds a point, after which there are at most so many. */
  void add(long time, long step, double value, int limit) {
    points.add(new Point(time, step, value));
    if (points.size() > limit) {
      points = halved(points);
    }
  }

  /** Keeps the smallest and the largest of each four points, in their order. */
  private static List<Point> halved(List<Point> all) {
    List<Point> kept = new ArrayList<>();
    for (int begin = 0; begin < all.size(); begin += 4) {
      List<Point> four = all.subList(begin, Math.min(begin + 4, all.size()));
      int low = 0;
      int high = 0;
      for (int i = 1; i < four.size(); i++) {
        low = four.get(i).value < four.get(low).value ? i : low;
        high = four.get(i).value > four.get(high).value ? i : high;
      }
      kept.add(four.get(Math.min(low, high)));
      if (low != high) {
        kept.add(four.get(Math.max(low, high)));
      }
    }
    return kept;
  }

  int size() {
    return points.size();
  }

  Curve take() {
    return new Curve(
        kind,
        name,
        points.stream().mapToLong(Point::time).toArray(),
        points.stream().mapToLong(Point::step).toArray(),
        points.stream().mapToDouble(Point::value).toArray());
  }
}

package io.fabric4j.spark.notebook;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;

/** Points of a chart, so few that a picture of them stays small. */
record Line(String name, double[] x, double[] y) implements Serializable {
  static final int MAX_POINTS = 300;
  private static final int MAX_SPARKS = 40;
  private static final String SPARKS = "▁▂▃▄▅▆▇█";

  static Line of(String name, double[] x, double[] y) {
    Objects.requireNonNull(name, "name is null");
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "The line '%s' has %d positions and %d values. Pass as many of the one as of the other."
              .formatted(name, x.length, y.length));
    }
    return new Line(name, means(x, MAX_POINTS), means(y, MAX_POINTS));
  }

  /** Returns the means of at most so many runs of values; runs without a finite value are NaN. */
  private static double[] means(double[] values, int limit) {
    if (values.length <= limit) {
      return values.clone();
    }
    double[] means = new double[limit];
    for (int i = 0; i < limit; i++) {
      int from = (int) ((long) values.length * i / limit);
      int to = (int) ((long) values.length * (i + 1) / limit);
      means[i] =
          Arrays.stream(values, from, to).filter(Double::isFinite).average().orElse(Double.NaN);
    }
    return means;
  }

  boolean isPoint(int index) {
    return Double.isFinite(x[index]) && Double.isFinite(y[index]);
  }

  /** Returns the last finite value, NaN if there is none. */
  double last() {
    double[] finite = Arrays.stream(y).filter(Double::isFinite).toArray();
    return finite.length == 0 ? Double.NaN : finite[finite.length - 1];
  }

  String text() {
    double[] finite = Arrays.stream(y).filter(Double::isFinite).toArray();
    if (finite.length == 0) {
      return name + ": no values";
    }
    double min = Arrays.stream(finite).min().getAsDouble();
    double max = Arrays.stream(finite).max().getAsDouble();
    StringBuilder sparks = new StringBuilder();
    for (double value : means(finite, MAX_SPARKS)) {
      double height = max == min ? 0 : (value - min) / (max - min);
      sparks.append(SPARKS.charAt((int) Math.round(height * (SPARKS.length() - 1))));
    }
    return "%s: %s  %s to %s (min %s, max %s)"
        .formatted(
            name,
            sparks,
            Html.number(finite[0]),
            Html.number(finite[finite.length - 1]),
            Html.number(min),
            Html.number(max));
  }
}

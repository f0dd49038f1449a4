package io.fabric4j.spark.notebook;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/** Maps values to pixels, with ticks at round numbers. */
record Axis(double min, double max, double from, double to) {
  private static final double MARGIN = 0.04;

  /** Covers all finite values; {@code margin} times their range is added on both sides. */
  static Axis over(DoubleStream values, double from, double to, double margin) {
    double[] finite = values.filter(Double::isFinite).toArray();
    double min = DoubleStream.of(finite).min().orElse(0);
    double max = DoubleStream.of(finite).max().orElse(1);
    if (max - min <= Math.abs(max) * 1e-9) {
      double half = max == 0 ? 0.5 : Math.abs(max) * 0.05;
      return new Axis(min - half, max + half, from, to);
    }
    double more = (max - min) * margin;
    return new Axis(min - more, max + more, from, to);
  }

  static Axis withMargin(DoubleStream values, double from, double to) {
    return over(values, from, to, MARGIN);
  }

  double pixel(double value) {
    return from + (value - min) / (max - min) * (to - from);
  }

  /** Returns about so many values 1, 2 or 5 times a power of ten apart. */
  List<Double> ticks(int count) {
    double raw = (max - min) / count;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double ratio = raw / power;
    double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
    List<Double> ticks = new ArrayList<>();
    for (long i = (long) Math.ceil(min / step); i * step <= max; i++) {
      ticks.add(i * step);
    }
    return ticks;
  }
}

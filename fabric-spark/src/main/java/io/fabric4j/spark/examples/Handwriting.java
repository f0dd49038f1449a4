package io.fabric4j.spark.examples;

import java.awt.geom.Path2D;
import java.util.List;
import java.util.SplittableRandom;

/** Writes a digit as a person would: never twice the same. Equal random numbers give equal bits. */
final class Handwriting {
  private static final double HEIGHT = 20;
  private static final double WOBBLE = 8;

  private final SplittableRandom random;
  private final double xx;
  private final double xy;
  private final double yx;
  private final double yy;
  private final double centerX;
  private final double centerY;

  /** Draws slant, size and place of one digit in an image of the given side length. */
  Handwriting(SplittableRandom random, int side) {
    this.random = random;
    double angle = around(0, 0.25);
    double shear = around(-0.15, 0.4);
    double width = around(0.9, 0.3) * HEIGHT / 100;
    double height = around(0.95, 0.2) * HEIGHT / 100;
    // StrictMath, because Math may round differently from one machine to another.
    double cos = StrictMath.cos(angle);
    double sin = StrictMath.sin(angle);
    xx = cos * width;
    xy = (cos * shear - sin) * height;
    yx = sin * width;
    yy = (sin * shear + cos) * height;
    centerX = around(side / 2.0, 2);
    centerY = around(side / 2.0, 2);
  }

  /** Returns the curves of the pen, in pixels. */
  Path2D.Double write(int digit) {
    List<Glyph> variants = Glyph.of(digit);
    Path2D.Double path = new Path2D.Double();
    for (int[] stroke : variants.get(random.nextInt(variants.size())).strokes()) {
      addCurve(path, place(stroke));
    }
    return path;
  }

  /** Returns the width of the pen in pixels. */
  float penWidth() {
    return (float) around(2.5, 1.1);
  }

  private double[] place(int[] stroke) {
    double[] placed = new double[stroke.length];
    for (int i = 0; i < stroke.length; i += 2) {
      double x = around(stroke[i] - 50, WOBBLE);
      double y = around(stroke[i + 1] - 50, WOBBLE);
      placed[i] = centerX + xx * x + xy * y;
      placed[i + 1] = centerY + yx * x + yy * y;
    }
    return placed;
  }

  /** Adds a Catmull-Rom spline: a smooth curve through all points. */
  private static void addCurve(Path2D.Double path, double[] p) {
    path.moveTo(p[0], p[1]);
    int last = p.length - 2;
    for (int i = 0; i < last; i += 2) {
      int before = Math.max(i - 2, 0);
      int after = Math.min(i + 4, last);
      path.curveTo(
          p[i] + (p[i + 2] - p[before]) / 6,
          p[i + 1] + (p[i + 3] - p[before + 1]) / 6,
          p[i + 2] - (p[after] - p[i]) / 6,
          p[i + 3] - (p[after + 1] - p[i + 1]) / 6,
          p[i + 2],
          p[i + 3]);
    }
  }

  /** Draws from {@code middle - spread} to {@code middle + spread}, the middle most often. */
  private double around(double middle, double spread) {
    return middle + spread * (random.nextDouble() + random.nextDouble() - 1);
  }
}

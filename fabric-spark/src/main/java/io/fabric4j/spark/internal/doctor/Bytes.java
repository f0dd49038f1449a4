package io.fabric4j.spark.internal.doctor;

import java.util.Locale;

/** Amounts of memory in words. */
final class Bytes {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  private static final double STEP = 1024;

  private Bytes() {}

  /** Returns an amount with two or more digits, such as {@code 1.5 GiB} or {@code 640 MiB}. */
  static String text(long bytes) {
    double value = bytes;
    int unit = 0;
    while (value >= STEP && unit < UNITS.length - 1) {
      value /= STEP;
      unit++;
    }
    String format = unit == 0 || value >= 10 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, format, value, UNITS[unit]);
  }
}

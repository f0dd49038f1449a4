package io.fabric4j.spark.notebook;

import java.util.Locale;

/** Text and numbers for HTML and SVG. */
final class Html {
  private Html() {}

  /** Makes text inert, between tags and in attributes. */
  static String escape(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    text.codePoints().forEach(code -> append(safe, code));
    return safe.toString();
  }

  private static void append(StringBuilder safe, int code) {
    switch (code) {
      case '<' -> safe.append("&lt;");
      case '>' -> safe.append("&gt;");
      case '&' -> safe.append("&amp;");
      case '"' -> safe.append("&quot;");
      case '\'' -> safe.append("&#39;");
      default -> safe.appendCodePoint(Character.isISOControl(code) ? ' ' : code);
    }
  }

  /** Formats in the root locale: numbers of SVG have a point. */
  static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Returns a number with four digits that count. */
  static String number(double value) {
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-3 || size >= 1e6)) {
      return format("%.2e", value);
    }
    String plain = format(size < 1 ? "%.4f" : size < 100 ? "%.3f" : "%.1f", value);
    return plain.replaceFirst("\\.?0+$", "");
  }
}

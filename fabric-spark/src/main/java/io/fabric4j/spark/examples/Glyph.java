package io.fabric4j.spark.examples;

import java.util.List;

/**
 * One way to write a digit: pen strokes in a box of 100 x 100, y downward.
 *
 * @param strokes for each stroke the points {@code x0, y0, x1, y1, ...} the pen passes; a sharp
 *     corner is the end of one stroke and the start of the next
 */
record Glyph(List<int[]> strokes) {

  private static final List<List<Glyph>> DIGITS =
      List.of(
          List.of(
              glyph(pen(52, 2, 24, 22, 20, 68, 48, 98, 78, 74, 78, 28, 52, 3, 38, 8)),
              glyph(pen(66, 8, 30, 14, 14, 56, 36, 95, 72, 84, 84, 42, 62, 6, 40, 6)),
              glyph(pen(50, 2, 32, 30, 34, 76, 52, 98, 68, 70, 66, 26, 48, 2))),
          List.of(
              glyph(pen(50, 2, 50, 98)),
              glyph(pen(30, 24, 44, 12, 54, 2), pen(54, 2, 53, 50, 52, 98)),
              glyph(pen(30, 22, 52, 2), pen(52, 2, 52, 98), pen(28, 98, 76, 98))),
          List.of(
              glyph(pen(20, 24, 32, 6, 54, 2, 74, 14, 74, 36, 56, 62, 20, 97), pen(20, 97, 82, 95)),
              glyph(
                  pen(22, 20, 40, 3, 64, 8, 74, 28, 62, 56, 40, 84, 22, 94, 16, 84, 28, 78, 50, 88),
                  pen(50, 88, 66, 96, 86, 88)),
              glyph(pen(24, 12, 50, 3, 74, 16, 66, 48, 22, 96), pen(22, 96, 50, 88, 80, 97))),
          List.of(
              glyph(
                  pen(22, 14, 42, 2, 66, 8, 72, 26, 60, 42, 40, 48),
                  pen(40, 48, 64, 52, 78, 70, 68, 90, 44, 98, 20, 88)),
              glyph(
                  pen(22, 4, 74, 4),
                  pen(74, 4, 44, 40),
                  pen(44, 40, 68, 46, 80, 66, 70, 90, 44, 98, 20, 86)),
              glyph(
                  pen(
                      26, 8, 52, 2, 70, 18, 60, 38, 44, 45, 50, 50, 68, 60, 72, 80, 54, 96, 24,
                      92))),
          List.of(
              glyph(pen(28, 4, 22, 30, 18, 56), pen(18, 56, 50, 56, 84, 53), pen(70, 4, 66, 98)),
              glyph(pen(62, 2, 40, 32, 14, 64), pen(14, 64, 88, 64), pen(62, 2, 62, 98)),
              glyph(
                  pen(24, 6, 20, 30, 28, 48, 50, 50, 70, 38), pen(76, 4, 70, 38, 64, 70, 62, 98))),
          List.of(
              glyph(
                  pen(34, 4, 28, 42),
                  pen(28, 42, 50, 36, 72, 48, 76, 72, 60, 94, 36, 97, 18, 86),
                  pen(34, 4, 78, 3)),
              glyph(
                  pen(
                      76, 6, 52, 5, 34, 10, 28, 26, 36, 40, 56, 48, 74, 64, 70, 88, 44, 98, 18,
                      90)),
              glyph(
                  pen(80, 4, 36, 6),
                  pen(36, 6, 28, 44),
                  pen(28, 44, 56, 44, 70, 62, 58, 86, 22, 97))),
          List.of(
              glyph(
                  pen(
                      66, 2, 40, 22, 24, 54, 26, 84, 48, 98, 70, 88, 74, 66, 56, 54, 36, 62, 26,
                      78)),
              glyph(pen(50, 2, 30, 40, 26, 76, 46, 97, 70, 86, 72, 66, 54, 58, 34, 70, 28, 80)),
              glyph(
                  pen(
                      76, 8, 52, 6, 30, 30, 22, 64, 34, 92, 58, 97, 76, 80, 68, 60, 44, 56, 26,
                      70))),
          List.of(
              glyph(pen(18, 6, 80, 5), pen(80, 5, 60, 46, 44, 98)),
              glyph(pen(18, 8, 78, 5), pen(78, 5, 56, 50, 44, 98), pen(36, 52, 76, 48)),
              glyph(pen(20, 22, 20, 6), pen(20, 6, 50, 10, 82, 5), pen(82, 5, 66, 40, 60, 98))),
          List.of(
              glyph(
                  pen(
                      70, 14, 44, 2, 30, 22, 52, 46, 76, 70, 56, 98, 26, 86, 34, 60, 66, 36, 70,
                      14)),
              glyph(
                  pen(50, 46, 30, 36, 28, 14, 50, 2, 70, 14, 70, 36, 50, 46),
                  pen(50, 46, 26, 60, 24, 86, 50, 98, 76, 86, 74, 60, 50, 46)),
              glyph(
                  pen(
                      76, 8, 52, 3, 34, 16, 42, 38, 60, 54, 66, 78, 52, 97, 34, 88, 36, 66, 56, 44,
                      76, 8))),
          List.of(
              glyph(
                  pen(72, 16, 52, 2, 30, 14, 26, 36, 44, 50, 64, 42, 73, 18),
                  pen(73, 18, 72, 50, 66, 98)),
              glyph(
                  pen(
                      74, 22, 58, 3, 34, 8, 24, 30, 38, 48, 60, 44, 74, 22, 76, 56, 64, 88, 42, 98,
                      24, 88)),
              glyph(pen(76, 8, 50, 2, 28, 20, 34, 42, 58, 40, 76, 8), pen(76, 8, 62, 54, 48, 98))));

  /** Returns the ways to write a digit 0 to 9. */
  static List<Glyph> of(int digit) {
    return DIGITS.get(digit);
  }

  private static Glyph glyph(int[]... strokes) {
    return new Glyph(List.of(strokes));
  }

  private static int[] pen(int... xy) {
    return xy;
  }
}

package io.fabric4j.spark.internal.ui;

import java.util.function.DoubleBinaryOperator;

/** Ways to join the rows of a {@link Series}. */
final class Thinnings {

  private Thinnings() {}

  /** Keeps of each four rows those with the smallest and the largest value of a column. */
  static Series.Thinning extremes(int column) {
    return (columns, versions, size) -> {
      int kept = 0;
      for (int begin = 0; begin < size; begin += 4) {
        int end = Math.min(begin + 4, size);
        int low = begin;
        int high = begin;
        for (int i = begin + 1; i < end; i++) {
          low = columns[column][i] < columns[column][low] ? i : low;
          high = columns[column][i] > columns[column][high] ? i : high;
        }
        int first = Math.min(low, high);
        int second = Math.max(low, high);
        move(columns, versions, first, kept++);
        if (first != second) {
          move(columns, versions, second, kept++);
        }
      }
      return kept;
    };
  }

  private static void move(double[][] columns, long[] versions, int from, int to) {
    for (double[] column : columns) {
      column[to] = column[from];
    }
    versions[to] = versions[from];
  }

  /**
   * Joins each two rows to one.
   *
   * @param operators how each column is joined
   */
  static Series.Thinning pairs(DoubleBinaryOperator... operators) {
    return (columns, versions, size) -> {
      int kept = 0;
      for (int next = 0; next < size; next += 2) {
        move(columns, versions, next, kept);
        if (next + 1 < size) {
          for (int i = 0; i < columns.length; i++) {
            columns[i][kept] = operators[i].applyAsDouble(columns[i][kept], columns[i][next + 1]);
          }
          versions[kept] = versions[next + 1];
        }
        kept++;
      }
      return kept;
    };
  }
}

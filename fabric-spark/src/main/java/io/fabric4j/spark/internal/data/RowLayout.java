package io.fabric4j.spark.internal.data;

import java.util.List;

/**
 * Where the columns of a row lie: one after the other, without gaps, so that a row is one piece of
 * memory to write, to read from a file and to send.
 */
final class RowLayout {
  private final List<ColumnSpec> columns;
  private final int[] offsets;
  private final int rowBytes;

  RowLayout(List<ColumnSpec> columns) {
    this.columns = List.copyOf(columns);
    offsets = new int[columns.size()];
    int end = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = end;
      end = Math.addExact(end, columns.get(i).rowBytes());
    }
    rowBytes = end;
  }

  List<ColumnSpec> columns() {
    return columns;
  }

  /** Returns the position of a column's first byte in a row. */
  int offset(int column) {
    return offsets[column];
  }

  int rowBytes() {
    return rowBytes;
  }
}

package io.fabric4j.spark.internal.ui;

import java.util.Arrays;

/** Rows of numbers that grow, and are joined to half as many when a limit is reached. */
final class Series {
  private final String kind;
  private final String name;
  private final int limit;
  private final Thinning thinning;
  private double[][] columns;
  private long[] versions;
  private int size;
  private long thinned;
  private boolean changed;

  /** How rows are joined. */
  interface Thinning {

    /** Joins rows in place and returns how many are left. */
    int apply(double[][] columns, long[] versions, int size);
  }

  /**
   * @param width number of columns
   * @param limit of rows
   */
  Series(String kind, String name, int width, int limit, Thinning thinning) {
    this.kind = kind;
    this.name = name;
    this.limit = limit;
    this.thinning = thinning;
    columns = new double[width][16];
    versions = new long[16];
  }

  void add(long version, double... row) {
    if (size == limit) {
      size = thinning.apply(columns, versions, size);
      thinned = version;
    }
    if (size == versions.length) {
      int capacity = Math.min(limit, 2 * size);
      versions = Arrays.copyOf(versions, capacity);
      for (int i = 0; i < columns.length; i++) {
        columns[i] = Arrays.copyOf(columns[i], capacity);
      }
    }
    for (int i = 0; i < columns.length; i++) {
      columns[i][size] = row[i];
    }
    versions[size++] = version;
    changed = true;
  }

  /** Returns whether rows were added since this was last asked. */
  boolean takeChanged() {
    boolean was = changed;
    changed = false;
    return was;
  }

  SeriesRecord record(long run) {
    double[][] copy = new double[columns.length][];
    for (int i = 0; i < columns.length; i++) {
      copy[i] = Arrays.copyOf(columns[i], size);
    }
    return new SeriesRecord(run, kind, name, thinned, Arrays.copyOf(versions, size), copy);
  }
}

package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.Fabric;
import io.fabric4j.distributed.ReduceOp;

/** Weighted means and deviations of columns, over the rows of all ranks. */
final class Moments {
  private static final int SUMS = 2;

  private final int size;

  /** The sum of weights, then sums of values, then of their squares. */
  private final double[] sums;

  Moments(int size) {
    this.size = size;
    sums = new double[1 + SUMS * size];
  }

  /**
   * Adds rows.
   *
   * @param values shape (rows, n, size); the n values of a row count as one, their mean
   * @param weights shape (rows), or null
   */
  void add(NDArray values, NDArray weights) {
    long rows = values.getShape().get(0);
    long each = values.getShape().get(1);
    NDArray numbers = values.toType(DataType.FLOAT64, false);
    NDArray weighted = numbers;
    double total = rows;
    if (weights != null) {
      NDArray w = weights.toType(DataType.FLOAT64, false);
      weighted = numbers.mul(w.reshape(-1, 1, 1));
      total = w.sum().getDouble();
    }
    double[] first = weighted.sum(new int[] {0, 1}).toDoubleArray();
    double[] second = weighted.mul(numbers).sum(new int[] {0, 1}).toDoubleArray();
    sums[0] += total;
    for (int i = 0; i < size; i++) {
      sums[1 + i] += first[i] / each;
      sums[1 + size + i] += second[i] / each;
    }
  }

  /** Adds the rows of all ranks up. Collective. */
  void reduce(Fabric fabric) {
    double[] all = fabric.allReduce(sums.clone(), ReduceOp.SUM);
    System.arraycopy(all, 0, sums, 0, sums.length);
  }

  float[] means() {
    float[] means = new float[size];
    for (int i = 0; i < size; i++) {
      means[i] = (float) mean(i);
    }
    return means;
  }

  private double mean(int i) {
    return sums[0] > 0 ? sums[1 + i] / sums[0] : 0;
  }

  /** Returns the deviation of each column; 1 for a column of equal values. */
  float[] deviations() {
    float[] deviations = new float[size];
    for (int i = 0; i < size; i++) {
      double mean = mean(i);
      double square = sums[0] > 0 ? sums[1 + size + i] / sums[0] : 0;
      double variance = square - mean * mean;
      // Rounding leaves some variance to a column of equal values.
      deviations[i] = variance > 1e-12 * square ? (float) Math.sqrt(variance) : 1;
    }
    return deviations;
  }
}

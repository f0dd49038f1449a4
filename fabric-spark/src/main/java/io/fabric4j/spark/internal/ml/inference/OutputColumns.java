package io.fabric4j.spark.internal.ml.inference;

import java.io.Serializable;

/** Makes the values of the columns that a model adds. Several tasks use one at once. */
public interface OutputColumns extends Serializable {

  /** Returns how many columns are added. */
  int size();

  /**
   * Writes the values of one row, in the order of the schema.
   *
   * @param outputs elements of each of the network's outputs, row after row
   * @param row number of the row in the batch
   * @param target gets the values from {@code position} on
   */
  void write(float[][] outputs, int row, Object[] target, int position);
}

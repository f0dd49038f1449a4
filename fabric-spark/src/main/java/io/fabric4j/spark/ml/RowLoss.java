package io.fabric4j.spark.ml;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.io.Serializable;

/** A loss of one's own. It is serialized to the ranks. */
@FunctionalInterface
public interface RowLoss extends Serializable {

  /**
   * Returns the loss of each row, which training weighs and averages.
   *
   * @param labels the label columns, shape {@code (rows, ...)} each
   * @param outputs of the block
   * @return shape {@code (rows)}
   */
  NDArray evaluate(NDList labels, NDList outputs);
}

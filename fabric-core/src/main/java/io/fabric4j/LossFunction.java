package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** Computes the loss of one batch: forward and loss of a training step. */
@FunctionalInterface
public interface LossFunction {

  /**
   * Returns the loss.
   *
   * @param data of the batch
   * @param labels of the batch
   * @return one element, the mean over the batch's rows
   */
  NDArray evaluate(NDList data, NDList labels);
}

package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/**
 * Computes the loss of one batch, forward included, for {@link Fabric#graph}. {@link
 * GraphedBackward} tells what it must not do.
 */
@FunctionalInterface
public interface LossFunction {

  /**
   * Returns the loss.
   *
   * @param data of the batch, on the rank's device; not to be closed
   * @param labels of the batch, likewise
   * @return one element, the mean over the batch's rows, within the graph of a {@link FabricBlock}
   */
  NDArray evaluate(NDList data, NDList labels);
}

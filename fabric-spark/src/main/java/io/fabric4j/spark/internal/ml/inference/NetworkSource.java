package io.fabric4j.spark.internal.ml.inference;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.Serializable;

/** Makes a trained network anew in each process that predicts with it. */
@FunctionalInterface
public interface NetworkSource extends Serializable {

  /**
   * Returns an initialised block with its weights.
   *
   * @param owner of its arrays, on the device where it shall compute
   */
  Block newBlock(NDManager owner);
}

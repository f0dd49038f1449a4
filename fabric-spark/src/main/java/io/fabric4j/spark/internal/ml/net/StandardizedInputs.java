package io.fabric4j.spark.internal.ml.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;

/** A block that standardizes inputs. */
public interface StandardizedInputs {

  /** Returns the layers that do it. */
  List<Standardize> layers();

  /**
   * Returns what a layer of this block would standardize.
   *
   * @param layer position in {@link #layers}
   * @param inputs of the block
   * @return shape (rows, values of a row that share a mean, means)
   */
  NDArray values(int layer, NDList inputs);
}

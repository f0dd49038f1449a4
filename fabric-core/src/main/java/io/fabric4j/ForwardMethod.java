package io.fabric4j;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;

/** A forward other than the block's own, such as one part of an encoder-decoder. */
@FunctionalInterface
public interface ForwardMethod {

  /**
   * Computes the outputs.
   *
   * @param block the block that was set up
   * @param parameters to pass to the forward of its children
   * @param inputs as given to {@link FabricBlock#forward(String, NDList)}
   * @param training whether a graph is recorded and layers such as dropout train
   */
  NDList forward(Block block, ParameterStore parameters, NDList inputs, boolean training);
}

package io.fabric4j.spark.ml;

import ai.djl.ndarray.types.Shape;
import java.io.Serializable;
import java.util.List;

/**
 * What goes into a network and what comes out. {@code fit} works it out from the data.
 *
 * @param inputs in the order of the block's inputs
 * @param outputs in the order of the block's outputs
 */
public record NetworkSignature(List<InputColumn> inputs, List<OutputColumn> outputs)
    implements Serializable {

  /** Copies the lists. */
  public NetworkSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    if (inputs.isEmpty() || outputs.isEmpty()) {
      throw new IllegalArgumentException(
          "A network needs inputs and outputs, but there are "
              + inputs.size()
              + " inputs and "
              + outputs.size()
              + " outputs.");
    }
  }

  /** Returns the shapes of the inputs for some rows. */
  public Shape[] inputShapes(long rows) {
    return inputs.stream().map(input -> input.shape(rows)).toArray(Shape[]::new);
  }
}

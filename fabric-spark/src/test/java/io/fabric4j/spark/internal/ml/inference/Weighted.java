package io.fabric4j.spark.internal.ml.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.concurrent.atomic.AtomicInteger;

/** A network that returns a weight times the sum of all elements of a row. */
record Weighted(float weight) implements NetworkSource {

  /** How many networks this JVM has loaded, tasks of local masters included. */
  static final AtomicInteger LOADED = new AtomicInteger();

  @Override
  public Block newBlock(NDManager owner) {
    LOADED.incrementAndGet();
    return new Scale(owner, weight);
  }

  private static final class Scale extends AbstractBlock {
    private final Parameter factor =
        addParameter(Parameter.builder().setName("factor").setType(Parameter.Type.WEIGHT).build());

    Scale(NDManager owner, float weight) {
      factor.setArray(owner.create(new float[] {weight}));
    }

    @Override
    protected NDList forwardInternal(
        ParameterStore parameters,
        NDList inputs,
        boolean training,
        PairList<String, Object> options) {
      Device device = inputs.head().getDevice();
      // What is computed from the parameter first would belong to its manager.
      NDArray sums = parameters.getValue(factor, device, training).mul(0);
      for (NDArray input : inputs) {
        long rows = input.getShape().get(0);
        NDArray values = input.toType(DataType.FLOAT32, false).reshape(rows, -1);
        sums = sums.add(values.sum(new int[] {1}));
      }
      return new NDList(sums.mul(parameters.getValue(factor, device, training)));
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
      return new Shape[] {new Shape(inputShapes[0].get(0))};
    }
  }
}

package io.fabric4j.spark.internal.ml.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.training.initializer.Initializer;
import ai.djl.util.PairList;
import io.fabric4j.internal.torch.FlatTensor;

/**
 * Subtracts a mean and multiplies by a scale, which are constants of training and weights of the
 * model. Without {@link #set} it changes nothing.
 */
public final class Standardize extends AbstractBlock {
  private static final byte VERSION = 1;

  private final Shape shape;
  private final Parameter mean;
  private final Parameter scale;

  /**
   * Creates a layer.
   *
   * @param shape of mean and scale, which broadcasts to that of the inputs
   */
  Standardize(Shape shape) {
    super(VERSION);
    this.shape = shape;
    mean = constant("mean", Initializer.ZEROS);
    scale = constant("scale", Initializer.ONES);
  }

  private Parameter constant(String name, Initializer initializer) {
    return addParameter(
        Parameter.builder()
            .setName(name)
            .setType(Parameter.Type.OTHER)
            .optShape(shape)
            .optInitializer(initializer)
            .optRequiresGrad(false)
            .build());
  }

  /** Returns the number of means. */
  public int size() {
    return Math.toIntExact(shape.size());
  }

  /** Sets the constants of an initialised layer. */
  public void set(float[] means, float[] scales) {
    copy(mean, means);
    copy(scale, scales);
  }

  private void copy(Parameter parameter, float[] values) {
    NDArray array = parameter.getArray();
    try (NDArray source = array.getManager().create(values, shape)) {
      FlatTensor.copy(array, source);
    }
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray input = inputs.singletonOrThrow();
    NDArray centred = input.sub(store.getValue(mean, input.getDevice(), training));
    return new NDList(centred.mul(store.getValue(scale, input.getDevice(), training)));
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputs) {
    return inputs;
  }
}

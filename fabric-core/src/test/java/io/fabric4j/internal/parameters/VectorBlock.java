package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/** A block of given parameters; its forward returns the inputs, losses are made with term. */
final class VectorBlock extends AbstractBlock {

  VectorBlock with(String name, NDArray values) {
    Parameter parameter =
        addParameter(Parameter.builder().setName(name).setType(Parameter.Type.OTHER).build());
    parameter.setArray(values);
    values.setRequiresGradient(true);
    return this;
  }

  NDArray array(String name) {
    return getDirectParameters().get(name).getArray();
  }

  /** Returns a loss whose gradient with respect to the parameter's elements is the factor. */
  NDArray term(String name, double factor) {
    return array(name).mul(factor).sum();
  }

  float[] gradient(String name) {
    return array(name).getGradient().toFloatArray();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    return inputs;
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return inputShapes;
  }
}

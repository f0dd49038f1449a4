package io.fabric4j.spark.internal.ml.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import java.util.HashMap;
import java.util.Map;

/**
 * Gives a block views of its parameters for one forward. Arrays that a block computes from a
 * parameter then belong to the batch and are freed with it, not with the network.
 */
final class ScopedParameters extends ParameterStore {
  private final NDManager scope;
  private final Map<Parameter, NDArray> views = new HashMap<>();

  ScopedParameters(NDManager scope) {
    super(scope, false);
    this.scope = scope;
  }

  @Override
  public NDArray getValue(Parameter parameter, Device device, boolean training) {
    return parameter == null ? null : views.computeIfAbsent(parameter, this::view);
  }

  private NDArray view(Parameter parameter) {
    NDArray view = parameter.getArray().stopGradient();
    view.attach(scope);
    return view;
  }
}

package io.fabric4j.internal.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.parameters.ParameterSlot;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.FusedKernel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The optimizer of one flat group: one native call when all parameters have a gradient and an equal
 * history, otherwise one per run of parameters that do.
 */
public final class FlatGroupOptimizer implements AutoCloseable {
  private final UpdateRule rule;
  private final FlatGroup group;
  private final List<FlatTensor> states = new ArrayList<>();
  private final Map<String, Object> arrays = new LinkedHashMap<>();
  private final long[] steps;
  private final FusedKernel whole;
  private double learningRate;

  public FlatGroupOptimizer(UpdateRule rule, FlatGroup group, NDManager manager) {
    this.rule = rule;
    this.group = group;
    this.steps = new long[group.slots().size()];
    this.learningRate = group.learningRate();
    for (String name : rule.stateNames()) {
      NDArray array = Casts.zeros(manager, new Shape(group.length()), group.dataType());
      FlatTensor state = FlatTensor.of(array);
      states.add(state);
      addViews(name, state, manager);
      array.close();
    }
    whole = rule.bind(group.data(), group.gradient(), states);
  }

  private void addViews(String name, FlatTensor state, NDManager manager) {
    for (ParameterSlot slot : group.slots()) {
      try (FlatTensor slice = state.slice(slot.offset(), slot.length())) {
        arrays.put(name + "." + slot.name(), slice.toArray(manager, slot.array().getShape()));
      }
    }
  }

  /** Updates every parameter that has a gradient. */
  public void step() {
    int start = 0;
    while (start < steps.length) {
      int end = start + 1;
      while (end < steps.length && belongsToRun(end, start)) {
        end++;
      }
      if (group.slots().get(start).needsUpdate()) {
        update(start, end);
      }
      start = end;
    }
  }

  private boolean belongsToRun(int index, int start) {
    return group.slots().get(index).needsUpdate() == group.slots().get(start).needsUpdate()
        && steps[index] == steps[start];
  }

  private void update(int start, int end) {
    long step = steps[start] + 1;
    if (start == 0 && end == steps.length) {
      whole.run(step, learningRate, group.weightDecay());
    } else {
      updateRange(start, end, step);
    }
    for (int i = start; i < end; i++) {
      steps[i] = step;
    }
  }

  private void updateRange(int start, int end, long step) {
    ParameterSlot last = group.slots().get(end - 1);
    long offset = group.slots().get(start).offset();
    long length = last.offset() + last.length() - offset;
    List<FlatTensor> slices = states.stream().map(state -> state.slice(offset, length)).toList();
    try (FlatTensor data = group.data().slice(offset, length);
        FlatTensor gradient = group.gradient().slice(offset, length);
        FusedKernel kernel = rule.bind(data, gradient, slices)) {
      kernel.run(step, learningRate, group.weightDecay());
    } finally {
      slices.forEach(FlatTensor::close);
    }
  }

  public double learningRate() {
    return learningRate;
  }

  public void setLearningRate(double learningRate) {
    this.learningRate = learningRate;
  }

  /**
   * Returns the state arrays by {@code <state>.<parameter>}; they share memory with the optimizer.
   */
  public Map<String, Object> arrays() {
    return arrays;
  }

  /** Returns the number of updates by {@code step.<parameter>}. */
  public Map<String, Object> steps() {
    Map<String, Object> result = new LinkedHashMap<>();
    for (int i = 0; i < steps.length; i++) {
      result.put("step." + group.slots().get(i).name(), steps[i]);
    }
    return result;
  }

  /** Takes over what {@link #steps()} returned. */
  public void loadSteps(Map<String, Object> state) {
    for (int i = 0; i < steps.length; i++) {
      Object step = state.get("step." + group.slots().get(i).name());
      steps[i] = step instanceof Number number ? number.longValue() : 0;
    }
  }

  @Override
  public void close() {
    whole.close();
    states.forEach(FlatTensor::close);
    arrays.values().forEach(array -> ((NDArray) array).close());
  }
}

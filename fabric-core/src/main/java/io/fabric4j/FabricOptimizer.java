package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.optim.FlatGroupOptimizer;
import io.fabric4j.internal.optim.UpdateRule;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.parameters.FlatParameters;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.optim.OptimizerConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Updates the parameters of a {@link FabricBlock}. A parameter that has received no gradient since
 * {@link #zeroGrad}, or is frozen, is left alone, as in torch. Use it on the thread of its rank.
 */
public final class FabricOptimizer implements Stateful, AutoCloseable {
  private final FlatParameters parameters;
  private final List<FlatGroupOptimizer> groups = new ArrayList<>();

  FabricOptimizer(OptimizerConfig config, FlatParameters parameters, NDManager manager) {
    this.parameters = parameters;
    UpdateRule rule = UpdateRule.of(config);
    for (FlatGroup group : parameters.groups()) {
      groups.add(new FlatGroupOptimizer(rule, group, manager));
    }
  }

  /** Updates the parameters from their gradients. */
  public void step() {
    try (GradMode mode = GradMode.disabled()) {
      groups.forEach(FlatGroupOptimizer::step);
    }
  }

  /** Zeroes the gradients; a parameter then counts as without gradient until the next backward. */
  public void zeroGrad() {
    parameters.zeroGradients();
  }

  /** Returns the number of parameter groups, split by data type. */
  public int groupCount() {
    return groups.size();
  }

  /** Returns the learning rate of a group. */
  public double learningRate(int group) {
    return groups.get(group).learningRate();
  }

  /** Sets the learning rate of a group from the next step on. */
  public void setLearningRate(int group, double learningRate) {
    groups.get(group).setLearningRate(learningRate);
  }

  /** Sets the learning rate of all groups from the next step on. */
  public void setLearningRate(double learningRate) {
    groups.forEach(group -> group.setLearningRate(learningRate));
  }

  /**
   * Returns the moments by {@code <state>.<parameter>}, the number of updates by {@code
   * step.<parameter>}, and the groups' learning rates.
   */
  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    for (FlatGroupOptimizer group : groups) {
      state.putAll(group.arrays());
      state.putAll(group.steps());
    }
    state.put("learning_rates", groups.stream().map(FlatGroupOptimizer::learningRate).toList());
    return state;
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    List<?> rates = (List<?>) state.get("learning_rates");
    if (rates == null || rates.size() != groups.size()) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: it has the learning rates "
              + rates
              + " and the optimizer has "
              + groups.size()
              + " parameter groups.");
    }
    StateCopy.check(arrays(), arraysOf(state));
  }

  private Map<String, Object> arrays() {
    Map<String, Object> arrays = new LinkedHashMap<>();
    groups.forEach(group -> arrays.putAll(group.arrays()));
    return arrays;
  }

  private static Map<String, Object> arraysOf(Map<String, Object> state) {
    Map<String, Object> arrays = new LinkedHashMap<>(state);
    arrays.values().removeIf(value -> !(value instanceof NDArray));
    return arrays;
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    List<?> rates = (List<?>) state.get("learning_rates");
    StateCopy.copyInto(arrays(), arraysOf(state));
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).loadSteps(state);
      groups.get(i).setLearningRate(((Number) rates.get(i)).doubleValue());
    }
  }

  @Override
  public void close() {
    groups.forEach(FlatGroupOptimizer::close);
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.optim.GroupOptimizer;
import io.fabric4j.internal.optim.LearningRates;
import io.fabric4j.internal.optim.StateTarget;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.LearningRateSchedule;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.ReduceOnPlateau;
import io.fabric4j.strategies.FlatSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Updates the parameters of a {@link FabricBlock}. A parameter that has received no gradient since
 * {@link #zeroGrad}, or is frozen, is left alone, as in torch. Use it on the thread of its rank.
 */
public final class FabricOptimizer implements Stateful, AutoCloseable {
  private final BlockRuntime runtime;
  private final List<GroupOptimizer> groups = new ArrayList<>();
  private final OptimizerGradients gradients;

  /**
   * Allocates the state.
   *
   * @param index the position among the optimizers of the block
   */
  FabricOptimizer(OptimizerConfig config, int index, BlockRuntime runtime) {
    this.runtime = runtime;
    GroupOptimizer.Factory factory = GroupOptimizer.factory(config);
    for (FlatGroup group : runtime.parameters().groups()) {
      if (group.optimizer() == index) {
        FlatSlice slice = runtime.synchronizer().slice(group);
        groups.add(factory.create(group, slice, manager()));
      }
    }
    if (groups.isEmpty()) {
      throw new IllegalArgumentException(
          "Optimizer "
              + index
              + " has no parameter to update: its parameters(...) accepts none of the block's"
              + " trainable ones.");
    }
    gradients = new OptimizerGradients(groups, runtime.context());
  }

  private NDManager manager() {
    return runtime.context().manager();
  }

  /**
   * Updates the parameters from their gradients. With a sharded strategy all ranks must call it:
   * each updates its slice and gets the others'. In 16-mixed a step whose gradients overflowed
   * changes nothing.
   *
   * @throws IllegalStateException if gradients were not computed by {@link Fabric#backward} where
   *     the precision or strategy needs it
   */
  public void step() {
    long begin = System.nanoTime();
    if (!gradients.unscale("step")) {
      update();
    }
    gradients.stepDone();
    RankContext context = runtime.context();
    context.tracker().updated(begin);
    context.callbacks().call("onAfterOptimizerStep", context.strategy(), this);
  }

  private void update() {
    try (GradMode mode = GradMode.disabled()) {
      for (GroupOptimizer group : groups) {
        group.step();
        runtime.synchronizer().afterStep(group.group());
      }
    }
  }

  /**
   * Zeroes the gradients of this optimizer's parameters; they then count as without gradient until
   * the next backward.
   */
  public void zeroGrad() {
    groups.forEach(group -> group.group().zeroGradient());
    gradients.clear();
    runtime.afterZeroGrad();
  }

  /**
   * Returns a scheduler of the learning rates, which sets those of its first step at once.
   *
   * @param schedule of every parameter group
   */
  public FabricScheduler schedule(LearningRateSchedule schedule) {
    return new FabricScheduler(rates(), schedule);
  }

  /**
   * Returns a scheduler that lowers the learning rates when a metric stops improving.
   *
   * @param rule for every parameter group
   */
  public FabricScheduler schedule(ReduceOnPlateau rule) {
    return new FabricScheduler(rates(), rule);
  }

  private LearningRates rates() {
    return new LearningRates() {
      @Override
      public int groupCount() {
        return groups.size();
      }

      @Override
      public double learningRate(int group) {
        return FabricOptimizer.this.learningRate(group);
      }

      @Override
      public void setLearningRate(int group, double learningRate) {
        FabricOptimizer.this.setLearningRate(group, learningRate);
      }
    };
  }

  /** Returns the learning rate of each group. */
  Stream<Double> learningRates() {
    return groups.stream().map(GroupOptimizer::learningRate);
  }

  double clip(GradientClipping clipping) {
    return gradients.clip(clipping);
  }

  void afterBackward() {
    gradients.afterBackward();
  }

  void forgetScale() {
    gradients.clear();
  }

  /** Returns the bytes of optimizer state that this rank keeps. */
  public long stateBytes() {
    return groups.stream().mapToLong(GroupOptimizer::stateBytes).sum();
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
   * step.<parameter>}, and the groups' learning rates. With a sharded strategy all ranks must call
   * it, and the moments are copies that live as long as the rank's Fabric.
   */
  @Override
  public Map<String, Object> stateDict() {
    return stateDict(manager());
  }

  /**
   * Returns the state.
   *
   * @param owner of copies
   */
  Map<String, Object> stateDict(NDManager owner) {
    Map<String, Object> state = new LinkedHashMap<>();
    for (GroupOptimizer group : groups) {
      state.putAll(group.arrays(runtime.context().group(), owner));
      state.putAll(group.steps());
    }
    state.put("learning_rates", learningRates().toList());
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
    try (NDManager scratch = manager().newSubManager()) {
      List<StateTarget> targets = targets(state, scratch);
      StateCopy.check(arrays(targets), arraysOf(state));
      targets.forEach(StateTarget::close);
    }
  }

  private List<StateTarget> targets(Map<String, Object> state, NDManager scratch) {
    Set<String> names = arraysOf(state).keySet();
    return groups.stream().map(group -> group.target(names, scratch)).toList();
  }

  private static Map<String, Object> arrays(List<StateTarget> targets) {
    Map<String, Object> arrays = new LinkedHashMap<>();
    targets.forEach(target -> arrays.putAll(target.arrays()));
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
    try (NDManager scratch = manager().newSubManager()) {
      List<StateTarget> targets = targets(state, scratch);
      StateCopy.copyInto(arrays(targets), arraysOf(state));
      targets.forEach(StateTarget::commit);
      targets.forEach(StateTarget::close);
    }
    for (int i = 0; i < groups.size(); i++) {
      groups.get(i).load(state, ((Number) rates.get(i)).doubleValue());
    }
  }

  @Override
  public void close() {
    groups.forEach(GroupOptimizer::close);
  }
}

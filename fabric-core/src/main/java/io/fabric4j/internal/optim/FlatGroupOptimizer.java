package io.fabric4j.internal.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.FusedKernel;
import io.fabric4j.strategies.FlatSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The optimizer of one flat group, or of this rank's slice of it: one native call when all
 * parameters have a gradient and an equal history, otherwise one per run of parameters that do.
 */
public final class FlatGroupOptimizer implements GroupOptimizer {
  private final UpdateRule rule;
  private final FlatGroup group;
  private final FlatSlice slice;
  private final List<FlatTensor> states = new ArrayList<>();
  private final Map<String, Object> arrays = new LinkedHashMap<>();
  private final long[] steps;
  private final FusedKernel whole;
  private double learningRate;

  /**
   * Allocates the state.
   *
   * @param slice the elements to keep state for and to update
   */
  public FlatGroupOptimizer(UpdateRule rule, FlatGroup group, FlatSlice slice, NDManager manager) {
    this.rule = rule;
    this.group = group;
    this.slice = slice;
    this.steps = new long[group.slots().size()];
    this.learningRate = group.learningRate();
    for (String name : rule.stateNames()) {
      FlatTensor state = group.data().newZeros(slice.length());
      states.add(state);
      if (!isSharded()) {
        FullState.addViews(name, state, group, manager, arrays);
      }
    }
    whole = bind(slice);
  }

  private FusedKernel bind(FlatSlice range) {
    List<FlatTensor> parts =
        states.stream()
            .map(state -> state.slice(range.begin() - slice.begin(), range.length()))
            .toList();
    try (FlatTensor data = group.data().slice(range.begin(), range.length());
        FlatTensor gradient = group.gradient().slice(range.begin(), range.length())) {
      return rule.bind(data, gradient, parts);
    } finally {
      parts.forEach(FlatTensor::close);
    }
  }

  @Override
  public FlatTensor gradient() {
    return group.gradient().slice(slice.begin(), slice.length());
  }

  @Override
  public FlatGroup group() {
    return group;
  }

  @Override
  public boolean isSharded() {
    return slice.length() < group.length();
  }

  @Override
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
    FlatSlice run =
        new FlatSlice(
            group.slots().get(start).slice().begin(), group.slots().get(end - 1).slice().end());
    FlatSlice mine = run.intersect(slice);
    if (mine.isEmpty()) {
      return;
    }
    try (FusedKernel kernel = bind(mine)) {
      kernel.run(step, learningRate, group.weightDecay());
    }
  }

  @Override
  public double learningRate() {
    return learningRate;
  }

  @Override
  public void setLearningRate(double learningRate) {
    this.learningRate = learningRate;
  }

  @Override
  public long stateBytes() {
    return states.stream().mapToLong(state -> state.length() * state.elementSize()).sum();
  }

  @Override
  public Map<String, Object> arrays(ProcessGroup ranks, NDManager owner) {
    if (!isSharded()) {
      return arrays;
    }
    try (FullState full = new FullState(rule.stateNames(), group, owner)) {
      full.gather(states, ranks, owner);
      return full.views();
    }
  }

  /**
   * Returns where a state that is loaded goes.
   *
   * @param scratch owner of copies
   */
  public StateTarget target(NDManager scratch) {
    return isSharded()
        ? new FullState(rule.stateNames(), group, scratch).target(states, slice)
        : StateTarget.live(arrays);
  }

  @Override
  public StateTarget target(Set<String> names, NDManager scratch) {
    return target(scratch);
  }

  @Override
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
  public void load(Map<String, Object> state, double rate) {
    loadSteps(state);
    learningRate = rate;
  }

  @Override
  public void close() {
    whole.close();
    states.forEach(FlatTensor::close);
    arrays.values().forEach(array -> ((NDArray) array).close());
  }
}

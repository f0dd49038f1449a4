package io.fabric4j;

import io.fabric4j.internal.optim.LearningRates;
import io.fabric4j.optim.LearningRateSchedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Sets the learning rates of an optimizer's parameter groups by a {@link LearningRateSchedule},
 * from its creation on. Use it on the thread of its rank; every rank steps alike.
 */
public final class FabricScheduler implements Stateful {
  private final LearningRates target;
  private final LearningRateSchedule schedule;
  private List<Double> base;
  private long step;

  FabricScheduler(LearningRates target, LearningRateSchedule schedule) {
    this.target = target;
    this.schedule = schedule;
    base = ratesOf(target);
    apply();
  }

  private static List<Double> ratesOf(LearningRates target) {
    return IntStream.range(0, target.groupCount()).mapToObj(target::learningRate).toList();
  }

  /** Moves on by one step; call it after the optimizer's. */
  public void step() {
    step++;
    apply();
  }

  private void apply() {
    for (int i = 0; i < base.size(); i++) {
      target.setLearningRate(i, schedule.learningRate(base.get(i), step));
    }
  }

  /** Returns the present learning rate of each parameter group. */
  public List<Double> learningRates() {
    return ratesOf(target);
  }

  /** Returns the number of steps and the groups' own learning rates. */
  @Override
  public Map<String, Object> stateDict() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("step", step);
    state.put("base_learning_rates", List.copyOf(base));
    return state;
  }

  /** Takes over a state and sets the optimizer's learning rates accordingly. */
  @Override
  public void loadStateDict(Map<String, Object> state) {
    if (!(state.get("step") instanceof Number count)
        || !(state.get("base_learning_rates") instanceof List<?> rates)
        || rates.size() != base.size()) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: it has the scheduler state "
              + state
              + " and the optimizer has "
              + base.size()
              + " parameter groups.");
    }
    base = rates.stream().map(rate -> ((Number) rate).doubleValue()).toList();
    step = count.longValue();
    apply();
  }
}

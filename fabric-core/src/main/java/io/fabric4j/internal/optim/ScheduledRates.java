package io.fabric4j.internal.optim;

import io.fabric4j.optim.LearningRateSchedule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Learning rates that depend on the number of steps. */
public final class ScheduledRates implements RatePolicy {
  private final LearningRates target;
  private final LearningRateSchedule schedule;
  private List<Double> base;
  private long step;

  /** Sets the rates of step 0. */
  public ScheduledRates(LearningRates target, LearningRateSchedule schedule) {
    this.target = target;
    this.schedule = schedule;
    base = target.learningRates();
    apply();
  }

  @Override
  public void step() {
    step++;
    apply();
  }

  private void apply() {
    for (int i = 0; i < base.size(); i++) {
      target.setLearningRate(i, schedule.learningRate(base.get(i), step));
    }
  }

  @Override
  public void step(double metric) {
    throw new IllegalStateException(
        "This scheduler follows the number of steps, not a metric. Call step(), or make a"
            + " scheduler of a ReduceOnPlateau.");
  }

  @Override
  public Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("step", step);
    state.put("base_learning_rates", List.copyOf(base));
    return state;
  }

  @Override
  public boolean fits(Map<String, Object> state) {
    return state.get("step") instanceof Number
        && LearningRates.isList(state.get("base_learning_rates"), base.size());
  }

  @Override
  public void load(Map<String, Object> state) {
    base = LearningRates.list(state.get("base_learning_rates"));
    step = ((Number) state.get("step")).longValue();
    apply();
  }
}

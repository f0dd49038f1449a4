package io.fabric4j.internal.optim;

import io.fabric4j.optim.ReduceOnPlateau;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Learning rates that fall when a metric stops improving. */
public final class PlateauRates implements RatePolicy {
  private final LearningRates target;
  private final ReduceOnPlateau rule;
  private double best;
  private long bad;
  private long cooling;

  public PlateauRates(LearningRates target, ReduceOnPlateau rule) {
    this.target = target;
    this.rule = rule;
    best = rule.worst();
  }

  @Override
  public void step() {
    throw new IllegalStateException(
        "This scheduler follows a metric. Call step(metric), or make a scheduler of a"
            + " LearningRateSchedule.");
  }

  @Override
  public void step(double metric) {
    if (rule.isBetter(metric, best)) {
      best = metric;
      bad = 0;
    } else {
      bad++;
    }
    if (cooling > 0) {
      cooling--;
      bad = 0;
    }
    if (bad > rule.patience()) {
      reduce();
      cooling = rule.cooldown();
      bad = 0;
    }
  }

  private void reduce() {
    for (int i = 0; i < target.groupCount(); i++) {
      target.setLearningRate(i, rule.reduce(target.learningRate(i)));
    }
  }

  @Override
  public Map<String, Object> state() {
    Map<String, Object> state = new LinkedHashMap<>();
    state.put("best", best);
    state.put("bad_steps", bad);
    state.put("cooldown", cooling);
    state.put("learning_rates", target.learningRates());
    return state;
  }

  @Override
  public boolean fits(Map<String, Object> state) {
    return LearningRates.isNumber(state.get("best"))
        && state.get("bad_steps") instanceof Number
        && state.get("cooldown") instanceof Number
        && LearningRates.isList(state.get("learning_rates"), target.groupCount());
  }

  @Override
  public void load(Map<String, Object> state) {
    best = LearningRates.number(state.get("best"));
    bad = ((Number) state.get("bad_steps")).longValue();
    cooling = ((Number) state.get("cooldown")).longValue();
    List<Double> rates = LearningRates.list(state.get("learning_rates"));
    for (int i = 0; i < rates.size(); i++) {
      target.setLearningRate(i, rates.get(i));
    }
  }
}

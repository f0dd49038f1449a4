package io.fabric4j;

import io.fabric4j.internal.optim.LearningRates;
import io.fabric4j.internal.optim.PlateauRates;
import io.fabric4j.internal.optim.RatePolicy;
import io.fabric4j.internal.optim.ScheduledRates;
import io.fabric4j.optim.LearningRateSchedule;
import io.fabric4j.optim.ReduceOnPlateau;
import java.util.List;
import java.util.Map;

/**
 * Sets the learning rates of an optimizer's parameter groups: by a {@link LearningRateSchedule},
 * from its creation on, or by a {@link ReduceOnPlateau}. Use it on the thread of its rank; every
 * rank steps alike.
 */
public final class FabricScheduler implements Stateful {
  private final LearningRates target;
  private final RatePolicy policy;

  FabricScheduler(LearningRates target, LearningRateSchedule schedule) {
    this.target = target;
    policy = new ScheduledRates(target, schedule);
  }

  FabricScheduler(LearningRates target, ReduceOnPlateau rule) {
    this.target = target;
    policy = new PlateauRates(target, rule);
  }

  /**
   * Moves a {@link LearningRateSchedule} on by one step; call it after the optimizer's.
   *
   * @throws IllegalStateException if the scheduler is of a {@link ReduceOnPlateau}
   */
  public void step() {
    policy.step();
  }

  /**
   * Tells a {@link ReduceOnPlateau} the next value of its metric. All ranks must pass the same
   * value, for example the mean that {@code allReduce} gives.
   *
   * @param metric counts as no better if it is NaN
   * @throws IllegalStateException if the scheduler is of a {@link LearningRateSchedule}
   */
  public void step(double metric) {
    policy.step(metric);
  }

  /** Returns the present learning rate of each parameter group. */
  public List<Double> learningRates() {
    return target.learningRates();
  }

  /**
   * Returns the number of steps and the groups' own learning rates, or for a {@link
   * ReduceOnPlateau} the best metric, its counts and the present learning rates.
   */
  @Override
  public Map<String, Object> stateDict() {
    return policy.state();
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    if (!policy.fits(state)) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: it has the scheduler state "
              + state
              + " and the optimizer has "
              + target.groupCount()
              + " parameter groups. A scheduler of this kind has the state "
              + policy.state()
              + ".");
    }
  }

  /** Takes over a state and sets the optimizer's learning rates accordingly. */
  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    policy.load(state);
  }
}

package io.fabric4j.optim;

import ai.djl.training.tracker.Tracker;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.LongToDoubleFunction;

/** The learning rate as a function of the number of scheduler steps so far. */
@FunctionalInterface
public interface LearningRateSchedule {

  /**
   * Returns the learning rate of a parameter group.
   *
   * @param base the group's own learning rate, from its settings
   * @param step number of scheduler steps so far, from 0
   */
  double learningRate(double base, long step);

  /** Multiplies each group's own rate by a factor, as {@code torch.optim.lr_scheduler.LambdaLR}. */
  static LearningRateSchedule factor(LongToDoubleFunction factor) {
    Objects.requireNonNull(factor, "factor is null");
    return (base, step) -> base * factor.applyAsDouble(step);
  }

  /** Multiplies each group's own rate by a constant. */
  static LearningRateSchedule constant(double factor) {
    OptimizerConfig.atLeastZero("factor", factor);
    return factor(step -> factor);
  }

  /**
   * Goes from one factor to another in equal steps and stays there, as {@code LinearLR}: a warm-up
   * to factor 1 or a decay from it.
   */
  static LearningRateSchedule linear(double start, double end, long steps) {
    OptimizerConfig.atLeastZero("start", start);
    OptimizerConfig.atLeastZero("end", end);
    positive("steps", steps);
    return factor(step -> start + (end - start) * Math.min(step, steps) / steps);
  }

  /**
   * Goes from factor 1 to a smallest factor along half a cosine, as {@code CosineAnnealingLR}, and
   * stays there, where torch's rises again.
   */
  static LearningRateSchedule cosine(long steps, double minFactor) {
    positive("steps", steps);
    OptimizerConfig.atLeastZero("minFactor", minFactor);
    return factor(
        step -> {
          double angle = Math.PI * Math.min(step, steps) / steps;
          return minFactor + (1 - minFactor) * (1 + Math.cos(angle)) / 2;
        });
  }

  /** Multiplies by gamma every {@code size} steps, as {@code StepLR}. */
  static LearningRateSchedule step(long size, double gamma) {
    positive("size", size);
    OptimizerConfig.atLeastZero("gamma", gamma);
    return factor(step -> Math.pow(gamma, (double) Math.floorDiv(step, size)));
  }

  /**
   * Multiplies by gamma at each milestone, as {@code MultiStepLR}; one given twice counts twice.
   */
  static LearningRateSchedule multiStep(double gamma, long... milestones) {
    OptimizerConfig.atLeastZero("gamma", gamma);
    long[] copy = milestones.clone();
    return factor(
        step -> Math.pow(gamma, (double) Arrays.stream(copy).filter(m -> m <= step).count()));
  }

  /** Multiplies by gamma at every step, as {@code ExponentialLR}. */
  static LearningRateSchedule exponential(double gamma) {
    return step(1, gamma);
  }

  /** Goes to 0 as {@code (1 - step / steps)^power} and stays there, as {@code PolynomialLR}. */
  static LearningRateSchedule polynomial(long steps, double power) {
    positive("steps", steps);
    OptimizerConfig.atLeastZero("power", power);
    return factor(step -> step >= steps ? 0 : Math.pow(1 - (double) step / steps, power));
  }

  /** Takes the rate from a DJL tracker; the groups' own rates do not matter. */
  static LearningRateSchedule ofTracker(Tracker tracker) {
    Objects.requireNonNull(tracker, "tracker is null");
    return (base, step) -> tracker.getNewValue(Math.toIntExact(step));
  }

  /**
   * Returns this schedule up to a milestone and then another, which counts its steps from 0, as
   * {@code SequentialLR}.
   */
  default LearningRateSchedule then(long milestone, LearningRateSchedule next) {
    positive("milestone", milestone);
    Objects.requireNonNull(next, "next is null");
    return (base, step) ->
        step < milestone ? learningRate(base, step) : next.learningRate(base, step - milestone);
  }

  private static void positive(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", but it must be at least 1.");
    }
  }
}

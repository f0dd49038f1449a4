package io.fabric4j.optim;

import java.util.Objects;

/**
 * Multiplies the learning rates by a factor when a metric stops improving, as {@code
 * torch.optim.lr_scheduler.ReduceLROnPlateau}.
 *
 * <pre>{@code
 * ReduceOnPlateau.builder().factor(0.5).patience(3).build();
 * ReduceOnPlateau.builder().mode(ReduceOnPlateau.Mode.MAX).absoluteThreshold(0.01).build();
 * }</pre>
 */
public final class ReduceOnPlateau {

  /** Which metrics are better. */
  public enum Mode {
    /** Lower ones, such as a loss. */
    MIN,
    /** Higher ones, such as an accuracy. */
    MAX
  }

  private final Mode mode;
  private final double factor;
  private final int patience;
  private final double threshold;
  private final boolean absolute;
  private final int cooldown;
  private final double minLearningRate;
  private final double eps;

  private ReduceOnPlateau(Builder builder) {
    mode = builder.mode;
    factor = builder.factor;
    patience = builder.patience;
    threshold = builder.threshold;
    absolute = builder.absolute;
    cooldown = builder.cooldown;
    minLearningRate = builder.minLearningRate;
    eps = builder.eps;
  }

  /** Returns a builder with torch's defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns what no metric is worse than. */
  public double worst() {
    return mode == Mode.MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
  }

  /** Returns whether a metric is better than the best so far by more than the threshold. */
  public boolean isBetter(double metric, double best) {
    double sign = mode == Mode.MIN ? -1 : 1;
    double bound = absolute ? best + sign * threshold : best * (1 + sign * threshold);
    return mode == Mode.MIN ? metric < bound : metric > bound;
  }

  /** Returns the learning rate that follows another after a plateau. */
  public double reduce(double learningRate) {
    double reduced = Math.max(learningRate * factor, minLearningRate);
    return learningRate - reduced > eps ? reduced : learningRate;
  }

  /** Returns how many metrics in a row may be no better before a reduction. */
  public int patience() {
    return patience;
  }

  /** Returns for how many metrics after a reduction none counts as no better. */
  public int cooldown() {
    return cooldown;
  }

  /** Builds a {@link ReduceOnPlateau}. */
  public static final class Builder {
    private Mode mode = Mode.MIN;
    private double factor = 0.1;
    private int patience = 10;
    private double threshold = 1e-4;
    private boolean absolute;
    private int cooldown;
    private double minLearningRate;
    private double eps = 1e-8;

    private Builder() {}

    /** Chooses which metrics are better: {@link Mode#MIN} by default. */
    public Builder mode(Mode value) {
      mode = Objects.requireNonNull(value, "mode is null");
      return this;
    }

    /** Sets what learning rates are multiplied by, in [0, 1): 0.1 by default. */
    public Builder factor(double value) {
      factor = OptimizerConfig.fraction("factor", value);
      return this;
    }

    /** Sets how many metrics in a row may be no better before a reduction: 10 by default. */
    public Builder patience(int value) {
      patience = count("patience", value);
      return this;
    }

    /** Asks for metrics better than the best by a part of it: 1e-4 by default. */
    public Builder relativeThreshold(double value) {
      threshold = OptimizerConfig.atLeastZero("threshold", value);
      absolute = false;
      return this;
    }

    /** Asks for metrics better than the best by an amount. */
    public Builder absoluteThreshold(double value) {
      threshold = OptimizerConfig.atLeastZero("threshold", value);
      absolute = true;
      return this;
    }

    /** Sets for how many metrics after a reduction none counts as no better: 0 by default. */
    public Builder cooldown(int value) {
      cooldown = count("cooldown", value);
      return this;
    }

    /** Sets the rate below which none is reduced: 0 by default. */
    public Builder minLearningRate(double value) {
      minLearningRate = OptimizerConfig.atLeastZero("minLearningRate", value);
      return this;
    }

    /** Sets the smallest difference that makes a reduction: 1e-8 by default. */
    public Builder eps(double value) {
      eps = OptimizerConfig.atLeastZero("eps", value);
      return this;
    }

    public ReduceOnPlateau build() {
      return new ReduceOnPlateau(this);
    }

    private static int count(String name, int value) {
      if (value < 0) {
        throw new IllegalArgumentException(name + " is " + value + ", but it must be at least 0.");
      }
      return value;
    }
  }
}

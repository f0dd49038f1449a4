package io.fabric4j.optim;

/** Adagrad, as {@code torch.optim.Adagrad} with accumulators that start at 0. */
public final class Adagrad extends OptimizerConfig {
  private final double learningRateDecay;
  private final double eps;

  private Adagrad(Builder builder) {
    super(builder);
    learningRateDecay = builder.learningRateDecay;
    eps = builder.eps;
  }

  /** Returns a builder with torch's defaults: learning rate 0.01, no decay of it or of weights. */
  public static Builder builder() {
    return new Builder();
  }

  public double learningRateDecay() {
    return learningRateDecay;
  }

  public double eps() {
    return eps;
  }

  /** Builds an {@link Adagrad}. */
  public static final class Builder extends OptimizerConfig.Builder<Builder> {
    private double learningRateDecay;
    private double eps = 1e-10;

    private Builder() {
      super(1e-2, 0);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Divides the learning rate of update {@code n}, from 0, by {@code 1 + n * value}. */
    public Builder learningRateDecay(double value) {
      learningRateDecay = atLeastZero("learningRateDecay", value);
      return this;
    }

    /** Sets the term added to the denominator, at least 0. */
    public Builder eps(double value) {
      eps = atLeastZero("eps", value);
      return this;
    }

    public Adagrad build() {
      return new Adagrad(this);
    }
  }
}

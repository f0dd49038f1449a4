package io.fabric4j.optim;

/**
 * Adam, as {@code torch.optim.Adam}; with decoupled weight decay it is {@code torch.optim.AdamW},
 * see {@link AdamW#builder()}.
 */
public final class Adam extends OptimizerConfig {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final boolean amsgrad;
  private final boolean decoupledWeightDecay;

  private Adam(Builder builder) {
    super(builder);
    beta1 = builder.beta1;
    beta2 = builder.beta2;
    eps = builder.eps;
    amsgrad = builder.amsgrad;
    decoupledWeightDecay = builder.decoupledWeightDecay;
  }

  /** Returns a builder with torch's defaults: learning rate 1e-3, no weight decay. */
  public static Builder builder() {
    return new Builder(0, false);
  }

  public double beta1() {
    return beta1;
  }

  public double beta2() {
    return beta2;
  }

  public double eps() {
    return eps;
  }

  public boolean amsgrad() {
    return amsgrad;
  }

  /** Returns whether weight decay acts on the parameter rather than on the gradient. */
  public boolean decoupledWeightDecay() {
    return decoupledWeightDecay;
  }

  /** Builds an {@link Adam}. */
  public static final class Builder extends OptimizerConfig.Builder<Builder> {
    private final boolean decoupledWeightDecay;
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double eps = 1e-8;
    private boolean amsgrad;

    Builder(double weightDecay, boolean decoupledWeightDecay) {
      super(1e-3, weightDecay);
      this.decoupledWeightDecay = decoupledWeightDecay;
    }

    @Override
    Builder self() {
      return this;
    }

    /** Sets the decay rates of the running averages of the gradient and its square, in [0, 1). */
    public Builder betas(double first, double second) {
      beta1 = fraction("beta1", first);
      beta2 = fraction("beta2", second);
      return this;
    }

    /** Sets the term added to the denominator, at least 0. */
    public Builder eps(double value) {
      eps = atLeastZero("eps", value);
      return this;
    }

    /** Chooses the AMSGrad variant, which keeps the maximum of the second moments. */
    public Builder amsgrad(boolean value) {
      amsgrad = value;
      return this;
    }

    public Adam build() {
      return new Adam(this);
    }
  }
}

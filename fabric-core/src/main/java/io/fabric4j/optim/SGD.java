package io.fabric4j.optim;

/** Stochastic gradient descent with momentum, as {@code torch.optim.SGD}. */
public final class SGD extends OptimizerConfig {
  private final double momentum;
  private final double dampening;
  private final boolean nesterov;

  private SGD(Builder builder) {
    super(builder);
    momentum = builder.momentum;
    dampening = builder.dampening;
    nesterov = builder.nesterov;
    if (nesterov && (momentum == 0 || dampening != 0)) {
      throw new IllegalArgumentException(
          "Nesterov momentum needs momentum > 0 and dampening 0, got momentum "
              + momentum
              + " and dampening "
              + dampening
              + ".");
    }
  }

  /** Returns a builder with learning rate 1e-3, no momentum and no weight decay. */
  public static Builder builder() {
    return new Builder();
  }

  public double momentum() {
    return momentum;
  }

  public double dampening() {
    return dampening;
  }

  public boolean nesterov() {
    return nesterov;
  }

  /** Builds an {@link SGD}. */
  public static final class Builder extends OptimizerConfig.Builder<Builder> {
    private double momentum;
    private double dampening;
    private boolean nesterov;

    private Builder() {
      super(1e-3, 0);
    }

    @Override
    Builder self() {
      return this;
    }

    /** Sets the momentum, at least 0. */
    public Builder momentum(double value) {
      momentum = atLeastZero("momentum", value);
      return this;
    }

    /** Sets the dampening of the momentum. */
    public Builder dampening(double value) {
      dampening = value;
      return this;
    }

    /** Chooses Nesterov momentum. */
    public Builder nesterov(boolean value) {
      nesterov = value;
      return this;
    }

    public SGD build() {
      return new SGD(this);
    }
  }
}

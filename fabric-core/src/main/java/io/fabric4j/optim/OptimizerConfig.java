package io.fabric4j.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Which update rule to use, with its hyper-parameters. {@code Fabric.setup} turns it into a {@link
 * io.fabric4j.FabricOptimizer} whose steps are single native calls over flat buffers, except those
 * of a {@link DjlOptimizer}.
 */
public abstract sealed class OptimizerConfig permits SGD, Adam, Adagrad, DjlOptimizer {
  private final double learningRate;
  private final double weightDecay;
  private final Predicate<String> parameters;
  private final List<ParameterGroup> groups;

  OptimizerConfig(Builder<?> builder) {
    learningRate = builder.learningRate;
    weightDecay = builder.weightDecay;
    parameters = builder.parameters;
    groups = List.copyOf(builder.groups);
  }

  /** Creates a configuration whose hyper-parameters are kept elsewhere. */
  OptimizerConfig(Predicate<String> parameters) {
    learningRate = Double.NaN;
    weightDecay = Double.NaN;
    this.parameters = parameters;
    groups = List.of();
  }

  /** Returns the learning rate of parameters in no group of their own. */
  public double learningRate() {
    return learningRate;
  }

  /** Returns the weight decay of parameters in no group of their own. */
  public double weightDecay() {
    return weightDecay;
  }

  /** Returns which parameters the optimizer updates, by name; all by default. */
  public Predicate<String> parameters() {
    return parameters;
  }

  /** Returns the groups with hyper-parameters of their own, first match wins. */
  public List<ParameterGroup> groups() {
    return groups;
  }

  /** Settings that every rule has. */
  public abstract static class Builder<B extends Builder<B>> {
    private final List<ParameterGroup> groups = new ArrayList<>();
    private Predicate<String> parameters = name -> true;
    private double learningRate;
    private double weightDecay;

    Builder(double learningRate, double weightDecay) {
      this.learningRate = learningRate;
      this.weightDecay = weightDecay;
    }

    abstract B self();

    /** Sets the learning rate, at least 0. */
    public B learningRate(double value) {
      learningRate = atLeastZero("learningRate", value);
      return self();
    }

    /** Sets the weight decay, at least 0. */
    public B weightDecay(double value) {
      weightDecay = atLeastZero("weightDecay", value);
      return self();
    }

    /**
     * Chooses the parameters that the optimizer updates, by their name in {@code
     * block.getParameters()}; all by default. Several optimizers of one block must not share any.
     */
    public B parameters(Predicate<String> names) {
      parameters = Objects.requireNonNull(names, "names is null");
      return self();
    }

    /** Gives some parameters hyper-parameters of their own; of several groups the first matches. */
    public B group(ParameterGroup group) {
      groups.add(group);
      return self();
    }
  }

  static double atLeastZero(String name, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but it must be a finite number of at least 0.");
    }
    return value;
  }

  static double fraction(String name, double value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", but it must be at least 0 and below 1.");
    }
    return value;
  }
}

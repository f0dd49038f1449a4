package io.fabric4j.optim;

import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * Parameters, chosen by name, with hyper-parameters of their own. What is not set is the
 * optimizer's.
 *
 * <pre>{@code
 * AdamW.builder()
 *     .weightDecay(0.01)
 *     .group(ParameterGroup.matching(name -> name.endsWith("bias")).withWeightDecay(0))
 *     .build();
 * }</pre>
 *
 * @param parameters tells by the name in {@code block.getParameters()} what belongs to the group
 * @param learningRate of the group
 * @param weightDecay of the group
 */
public record ParameterGroup(
    Predicate<String> parameters, OptionalDouble learningRate, OptionalDouble weightDecay) {

  public ParameterGroup {
    Objects.requireNonNull(parameters, "parameters is null");
  }

  /** Returns a group of the parameters whose name the predicate accepts. */
  public static ParameterGroup matching(Predicate<String> parameters) {
    return new ParameterGroup(parameters, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Returns this group with a learning rate of its own, at least 0. */
  public ParameterGroup withLearningRate(double value) {
    double checked = OptimizerConfig.atLeastZero("learningRate", value);
    return new ParameterGroup(parameters, OptionalDouble.of(checked), weightDecay);
  }

  /** Returns this group with a weight decay of its own, at least 0. */
  public ParameterGroup withWeightDecay(double value) {
    double checked = OptimizerConfig.atLeastZero("weightDecay", value);
    return new ParameterGroup(parameters, learningRate, OptionalDouble.of(checked));
  }
}

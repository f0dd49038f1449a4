package io.fabric4j.optim;

import ai.djl.nn.Parameter;
import java.util.EnumSet;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Parameters, chosen by name or type, with hyper-parameters of their own. What is not set is the
 * optimizer's.
 *
 * <pre>{@code
 * AdamW.builder().weightDecay(0.01).group(ParameterGroup.withoutDecay()).build();
 *
 * SGD.builder()
 *     .group(ParameterGroup.matching(name -> name.startsWith("head")).withLearningRate(0.1))
 *     .build();
 * }</pre>
 *
 * @param parameters tells by the name in {@code block.getParameters()} and the type what belongs to
 *     the group
 * @param learningRate of the group
 * @param weightDecay of the group
 */
public record ParameterGroup(
    BiPredicate<String, Parameter.Type> parameters,
    OptionalDouble learningRate,
    OptionalDouble weightDecay) {

  public ParameterGroup {
    Objects.requireNonNull(parameters, "parameters is null");
  }

  /** Returns a group of the parameters whose name the predicate accepts. */
  public static ParameterGroup matching(Predicate<String> names) {
    Objects.requireNonNull(names, "names is null");
    return matching((name, type) -> names.test(name));
  }

  /** Returns a group of the parameters whose name and type the predicate accepts. */
  public static ParameterGroup matching(BiPredicate<String, Parameter.Type> parameters) {
    return new ParameterGroup(parameters, OptionalDouble.empty(), OptionalDouble.empty());
  }

  /** Returns a group of the parameters of some types. */
  public static ParameterGroup ofTypes(Parameter.Type first, Parameter.Type... more) {
    Set<Parameter.Type> types = EnumSet.of(first, more);
    return matching((name, type) -> types.contains(type));
  }

  /**
   * Returns a group without weight decay of what is usually left undecayed: biases, and the scales
   * and shifts of normalization, which are of the types BIAS, GAMMA and BETA.
   */
  public static ParameterGroup withoutDecay() {
    return ofTypes(Parameter.Type.BIAS, Parameter.Type.GAMMA, Parameter.Type.BETA)
        .withWeightDecay(0);
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

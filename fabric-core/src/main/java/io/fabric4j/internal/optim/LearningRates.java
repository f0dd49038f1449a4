package io.fabric4j.internal.optim;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** The learning rates of parameter groups. */
public interface LearningRates {
  Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

  int groupCount();

  double learningRate(int group);

  void setLearningRate(int group, double learningRate);

  /** Returns the learning rate of each group. */
  default List<Double> learningRates() {
    return IntStream.range(0, groupCount()).mapToObj(this::learningRate).toList();
  }

  /** Returns whether a value from a checkpoint has a rate for each of {@code count} groups. */
  static boolean isList(Object value, int count) {
    return value instanceof List<?> rates
        && rates.size() == count
        && rates.stream().allMatch(LearningRates::isNumber);
  }

  /** Returns the rates in a value from a checkpoint. */
  static List<Double> list(Object value) {
    return ((List<?>) value).stream().map(LearningRates::number).toList();
  }

  /** Returns whether a value from a checkpoint is a number; those not finite come as text. */
  static boolean isNumber(Object value) {
    return value instanceof Number || NOT_FINITE.contains(String.valueOf(value));
  }

  /** Returns a number from a checkpoint. */
  static double number(Object value) {
    return value instanceof Number number
        ? number.doubleValue()
        : Double.parseDouble((String) value);
  }
}

package io.fabric4j.internal.metrics;

import ai.djl.ndarray.NDArray;
import io.fabric4j.internal.torch.Casts;
import java.util.LinkedHashMap;
import java.util.Map;

/** Turns what users log into plain numbers. */
public final class Scalars {

  private Scalars() {}

  /**
   * Returns the metrics with arrays of one element as numbers.
   *
   * @throws IllegalArgumentException if an array has several elements, or a value is no number
   */
  public static Map<String, Object> of(Map<String, ?> metrics) {
    Map<String, Object> result = new LinkedHashMap<>();
    metrics.forEach((name, value) -> result.put(name, scalar(name, value)));
    return result;
  }

  /** Returns scalars as numbers, true as 1, with the names of groups joined by {@code /}. */
  public static Map<String, Double> numbers(Map<String, ?> scalars) {
    Map<String, Double> result = new LinkedHashMap<>();
    addNumbers("", scalars, result);
    return result;
  }

  private static void addNumbers(String path, Map<?, ?> scalars, Map<String, Double> result) {
    scalars.forEach(
        (name, value) -> {
          if (value instanceof Map<?, ?> group) {
            addNumbers(path + name + "/", group, result);
          } else if (value instanceof Boolean truth) {
            result.put(path + name, truth ? 1.0 : 0.0);
          } else {
            result.put(path + name, ((Number) value).doubleValue());
          }
        });
  }

  private static Object scalar(String name, Object value) {
    if (value instanceof Map<?, ?> group) {
      Map<String, Object> result = new LinkedHashMap<>();
      group.forEach((key, inner) -> result.put(key.toString(), scalar(name + "/" + key, inner)));
      return result;
    }
    if (value instanceof NDArray array && array.size() == 1) {
      return Casts.toDouble(array);
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value;
    }
    throw new IllegalArgumentException(
        "Cannot log '"
            + name
            + "': it is "
            + (value instanceof NDArray array
                ? "an array of shape " + array.getShape()
                : value == null ? "null" : "a " + value.getClass().getName())
            + ", and a metric is a number or an array of one element. Reduce it first, for example"
            + " with mean().");
  }
}

package io.fabric4j.internal.collectives;

import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Combines the figures of all ranks. */
public final class Metrics {
  private Metrics() {}

  /**
   * Returns the weighted mean of every metric over the ranks: {@code sum(weight * value) /
   * sum(weight)}, summed in rank order. A rank with weight 0 counts for nothing, whatever its
   * values are, NaN included. NaN if all weights are 0. Every rank must call this.
   *
   * @param metrics with the same names on all ranks
   * @param weight for example the number of rows behind the metrics
   * @return the means, sorted by name
   * @throws IllegalArgumentException on every rank, if the names differ, or a weight is negative or
   *     not finite
   */
  public static Map<String, Double> reduce(
      ProcessGroup group, Map<String, ? extends Number> metrics, double weight) {
    List<Figures> all =
        Agreement.exchange(group, "Metrics.reduce", () -> Figures.of(metrics, weight));
    Agreement.requireEqual(
        "Metrics.reduce",
        all.stream().map(figures -> figures.values().keySet()).toList(),
        "Pass the same names on every rank, with weight 0 where there is nothing to report.");
    Map<String, Double> means = new LinkedHashMap<>();
    for (String name : all.get(0).values().keySet()) {
      double sum = 0;
      double weights = 0;
      for (Figures figures : all) {
        sum += figures.weight() == 0 ? 0 : figures.weight() * figures.values().get(name);
        weights += figures.weight();
      }
      means.put(name, sum / weights);
    }
    return means;
  }

  private record Figures(TreeMap<String, Double> values, double weight) implements Serializable {
    static Figures of(Map<String, ? extends Number> metrics, double weight) {
      if (!(weight >= 0) || Double.isInfinite(weight)) {
        throw new IllegalArgumentException(
            "weight is " + weight + ". Use a finite number that is not negative.");
      }
      TreeMap<String, Double> values = new TreeMap<>();
      metrics.forEach((name, value) -> values.put(name, value.doubleValue()));
      return new Figures(values, weight);
    }
  }
}

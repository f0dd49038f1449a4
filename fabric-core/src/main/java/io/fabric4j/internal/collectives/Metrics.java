package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Combines the figures of all ranks. */
public final class Metrics {
  private Metrics() {}

  /**
   * Returns the weighted mean of every metric over the ranks, in one collective: {@code sum(weight
   * * value) / sum(weight)}. A rank with weight 0 counts for nothing, whatever its values are, NaN
   * included. NaN if all weights are 0. Every rank must call this, with the same names.
   *
   * @param weight for example the number of rows behind the metrics
   * @return the means, sorted by name
   * @throws IllegalArgumentException if the weight is negative or not finite
   */
  public static Map<String, Double> reduce(
      ProcessGroup group, NDManager manager, Map<String, ? extends Number> metrics, double weight) {
    if (!(weight >= 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(
          "weight is " + weight + ". Use a finite number that is not negative.");
    }
    List<String> names = new ArrayList<>(new TreeSet<>(metrics.keySet()));
    double[] sums = new double[names.size() + 1];
    for (int i = 0; i < names.size(); i++) {
      sums[i] = weight == 0 ? 0 : weight * metrics.get(names.get(i)).doubleValue();
    }
    sums[names.size()] = weight;
    try (NDArray pack = manager.create(sums)) {
      group.allReduce(pack, ReduceOp.SUM).waitFor();
      double[] totals = pack.toDoubleArray();
      Map<String, Double> means = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        means.put(names.get(i), totals[i] / totals[names.size()]);
      }
      return means;
    }
  }
}

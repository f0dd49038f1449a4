package io.fabric4j.spark.progress;

import java.io.Serializable;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Metrics that rank 0 logged for a step.
 *
 * @param attempt of the stage of the ranks, from 0
 * @param step position on the time axis that the loop chose
 * @param time when the last of them was logged
 * @param values by name, groups joined by {@code /}; of a name logged twice the last value
 */
public record MetricPoint(int attempt, long step, Instant time, Map<String, Double> values)
    implements Serializable {

  /** Returns this point with later values of the same step. */
  public MetricPoint with(MetricPoint later) {
    Map<String, Double> all = new LinkedHashMap<>(values);
    all.putAll(later.values);
    return new MetricPoint(attempt, step, later.time, all);
  }
}

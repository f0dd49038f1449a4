package io.fabric4j.spark.ml;

import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An epoch of a fit.
 *
 * @param epoch from 0
 * @param train means over the rows that were trained on, by name; {@code loss} is there
 * @param validation means over the validation rows, by name, {@code loss} among them; empty without
 *     such rows
 * @param rows trained on, by all ranks together
 * @param seconds that training took on the slowest rank
 * @param validationSeconds that the validation took
 */
public record TrainingEpoch(
    int epoch,
    Map<String, Double> train,
    Map<String, Double> validation,
    long rows,
    double seconds,
    double validationSeconds)
    implements Serializable {

  /** Copies the maps. */
  public TrainingEpoch {
    train = Collections.unmodifiableMap(new LinkedHashMap<>(train));
    validation = Collections.unmodifiableMap(new LinkedHashMap<>(validation));
  }
}

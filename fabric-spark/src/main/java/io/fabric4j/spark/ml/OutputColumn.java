package io.fabric4j.spark.ml;

import java.io.Serializable;
import java.util.Objects;

/**
 * An output of a network.
 *
 * @param label column that it was trained to predict
 * @param kind what its values mean
 * @param size values per row
 */
public record OutputColumn(String label, Kind kind, int size) implements Serializable {

  /** What the values of an output mean. */
  public enum Kind {
    /** Scores of classes; their softmax is the probability of each. */
    CLASSES,
    /** The predicted quantities themselves. */
    VALUES
  }

  /** Rejects outputs without values. */
  public OutputColumn {
    Objects.requireNonNull(label, "label is null");
    Objects.requireNonNull(kind, "kind is null");
    if (size < 1) {
      throw new IllegalArgumentException(
          "The output for '" + label + "' has " + size + " values, but needs at least 1.");
    }
  }
}

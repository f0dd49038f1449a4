package io.fabric4j.spark.internal.live;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * Points of a value over time, in the order in which they were logged.
 *
 * @param kind what it is
 * @param name of a metric, or of a parameter group
 * @param times in milliseconds since 1970
 * @param steps on the axis that the loop chose; of rates and norms, rank 0's batches
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Curve(Kind kind, String name, long[] times, long[] steps, double[] values) {

  /** Kinds of values. */
  public enum Kind {
    /** What the loop logged. */
    METRIC,
    /** Learning rate of a parameter group. */
    RATE,
    /** Norm of the gradients. */
    NORM
  }
}

package io.fabric4j.spark.internal.ui;

import org.apache.spark.util.kvstore.KVIndex;

/**
 * What Spark's store keeps of a curve or of a rank's intervals: columns of equal length.
 *
 * @param run number of the launch
 * @param kind metric, rate, norm or rank
 * @param name of the curve; the rank's number
 * @param thinned version of the run in which earlier rows were joined last, 0 if never
 * @param versions in which each row was added
 * @param columns first the time in milliseconds since 1970
 */
public record SeriesRecord(
    long run, String kind, String name, long thinned, long[] versions, double[][] columns) {
  static final String RUN = "run";

  /** Returns the key in the store. */
  @KVIndex
  public String key() {
    return run + "/" + kind + "/" + name;
  }

  /** Returns the run, by which the store finds its series. */
  @KVIndex(RUN)
  public long runKey() {
    return run;
  }
}

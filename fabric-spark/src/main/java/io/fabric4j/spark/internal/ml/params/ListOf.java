package io.fabric4j.spark.internal.ml.params;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Set;
import scala.runtime.AbstractFunction1;

/** Accepts lists of some names. */
final class ListOf extends AbstractFunction1<String[], Object> implements Serializable {
  private static final long serialVersionUID = 1L;

  static final ListOf METRICS = new ListOf("accuracy", "mse", "rmse", "mae");
  static final ListOf LOSSES = new ListOf("cross_entropy", "mse", "mae", "huber");

  private final Set<String> known;

  private ListOf(String... names) {
    known = Set.of(names);
  }

  @Override
  public Boolean apply(String[] names) {
    return known.containsAll(Arrays.asList(names));
  }
}

package io.fabric4j.spark.ml;

import org.apache.spark.ml.Model;

/** What models say when they lack something. */
final class Stages {

  private Stages() {}

  static FittedNetwork require(FittedNetwork fitted, Model<?> model) {
    if (fitted == null) {
      throw new IllegalStateException(
          "The model "
              + model.uid()
              + " has no network: it was constructed, not trained. Use fit of its estimator, or"
              + " load.");
    }
    return fitted;
  }

  static FabricTrainingSummary summary(FittedNetwork fitted, Model<?> model) {
    return fitted
        .summary()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "The model " + model.uid() + " has no summary; ask hasSummary first."));
  }
}

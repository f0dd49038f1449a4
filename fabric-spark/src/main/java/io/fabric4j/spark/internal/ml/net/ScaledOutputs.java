package io.fabric4j.spark.internal.ml.net;

import java.util.List;

/** A block that gives quantities the mean and the deviation of what it is to predict. */
public interface ScaledOutputs {

  /** Returns the layer that does it for each output; null for classes. */
  List<Standardize> scales();
}

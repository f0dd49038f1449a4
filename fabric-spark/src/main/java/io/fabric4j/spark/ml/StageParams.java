package io.fabric4j.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Setters that return their stage. */
final class StageParams {

  private StageParams() {}

  /**
   * Sets a param and returns the stage.
   *
   * @param <T> type of the stage
   */
  // Interfaces of params know the type of the stage that they are of.
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  static <T, V> T set(Params stage, Param<V> param, V value) {
    stage.set(param, value);
    return (T) stage;
  }
}

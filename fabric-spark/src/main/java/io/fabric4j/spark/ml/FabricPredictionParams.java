package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.params.PredictionParamSet;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * Params of how rows are read and predicted, which estimators hand on to their models.
 *
 * @param <T> type of the stage
 */
public interface FabricPredictionParams<T extends FabricPredictionParams<T>> extends Params {

  /** Returns the objects of this stage's params; not meant for users. */
  PredictionParamSet paramSet();

  /**
   * What becomes of rows with null, NaN or arrays of another shape: {@code error} (default), {@code
   * skip} or {@code keep}.
   */
  default Param<String> handleInvalid() {
    return paramSet().handleInvalid();
  }

  /** Returns {@link #handleInvalid}. */
  default String getHandleInvalid() {
    return $(handleInvalid());
  }

  /** Sets {@link #handleInvalid}. */
  default T setHandleInvalid(String value) {
    return StageParams.set(this, handleInvalid(), value);
  }

  /** Rows that are predicted at once. Default 1024. */
  default IntParam inferBatchSize() {
    return paramSet().inferBatchSize();
  }

  /** Returns {@link #inferBatchSize}. */
  default int getInferBatchSize() {
    return (Integer) $(inferBatchSize());
  }

  /** Sets {@link #inferBatchSize}. */
  default T setInferBatchSize(int value) {
    return StageParams.set(this, inferBatchSize(), value);
  }

  /**
   * Whether GPUs are used: {@code auto} (default), where tasks have some; {@code true}, which fails
   * without; or {@code false}.
   */
  default Param<String> useGpu() {
    return paramSet().useGpu();
  }

  /** Returns {@link #useGpu}. */
  default String getUseGpu() {
    return $(useGpu());
  }

  /** Sets {@link #useGpu}. */
  default T setUseGpu(String value) {
    return StageParams.set(this, useGpu(), value);
  }
}

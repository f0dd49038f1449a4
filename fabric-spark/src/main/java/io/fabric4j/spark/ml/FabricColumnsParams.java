package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.params.GeneralColumns;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Params of the columns of stages with any number of inputs and outputs.
 *
 * @param <T> type of the stage
 */
public interface FabricColumnsParams<T extends FabricColumnsParams<T>> extends Params {

  /** Returns the objects of these params; not meant for users. */
  GeneralColumns generalColumns();

  /** Columns in the order of the network's inputs. Default {@code features}. */
  default StringArrayParam featuresCols() {
    return generalColumns().featuresCols();
  }

  /** Returns {@link #featuresCols}. */
  default String[] getFeaturesCols() {
    return $(featuresCols());
  }

  /** Sets {@link #featuresCols}. */
  default T setFeaturesCols(String... value) {
    return with(featuresCols(), value);
  }

  /**
   * A column for the prediction of each of the network's outputs: the number of the class, or the
   * predicted value, a vector if there are several. An empty name leaves one out. Default {@code
   * prediction}.
   */
  default StringArrayParam predictionCols() {
    return generalColumns().predictionCols();
  }

  /** Returns {@link #predictionCols}. */
  default String[] getPredictionCols() {
    return $(predictionCols());
  }

  /** Sets {@link #predictionCols}. */
  default T setPredictionCols(String... value) {
    return with(predictionCols(), value);
  }

  /**
   * A column for the values of each of the network's outputs, as vectors. An empty name leaves one
   * out. Default: none.
   */
  default StringArrayParam outputCols() {
    return generalColumns().outputCols();
  }

  /** Returns {@link #outputCols}. */
  default String[] getOutputCols() {
    return $(outputCols());
  }

  /** Sets {@link #outputCols}. */
  default T setOutputCols(String... value) {
    return with(outputCols(), value);
  }

  /** Sets a param and returns this stage. */
  @SuppressWarnings("unchecked") // T is the type of the stage
  private T with(StringArrayParam param, String... value) {
    set(param, value);
    return (T) this;
  }
}

package io.fabric4j.spark.internal.ml.params;

import java.io.Serializable;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The columns of stages with any number of inputs and outputs, with their defaults. */
public final class GeneralColumns implements Serializable {
  private static final long serialVersionUID = 1L;

  private final StringArrayParam featuresCols;
  private final StringArrayParam predictionCols;
  private final StringArrayParam outputCols;

  /** Declares the params of a stage, whose uid is known by now. */
  public GeneralColumns(Params stage) {
    featuresCols =
        new StringArrayParam(stage, "featuresCols", "columns in the order of the network's inputs");
    predictionCols =
        new StringArrayParam(
            stage,
            "predictionCols",
            "a column for the prediction of each of the network's outputs");
    outputCols =
        new StringArrayParam(
            stage,
            "outputCols",
            "a column for the values of each of the network's outputs, or none");
    stage.setDefault(featuresCols, new String[] {"features"});
    stage.setDefault(predictionCols, new String[] {"prediction"});
    stage.setDefault(outputCols, new String[0]);
  }

  public StringArrayParam featuresCols() {
    return featuresCols;
  }

  public StringArrayParam predictionCols() {
    return predictionCols;
  }

  public StringArrayParam outputCols() {
    return outputCols;
  }
}

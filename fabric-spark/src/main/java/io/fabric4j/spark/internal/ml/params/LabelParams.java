package io.fabric4j.spark.internal.ml.params;

import io.fabric4j.spark.ml.RowLoss;
import java.io.Serializable;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** What an estimator of several labels is to learn, with its defaults. */
public final class LabelParams implements Serializable {
  private static final long serialVersionUID = 1L;

  private final StringArrayParam categoricalCols;
  private final StringArrayParam labelCols;
  private final StringArrayParam losses;
  private final ObjectParam<RowLoss> lossFunction;

  /** Declares the params of a stage, whose uid is known by now. */
  public LabelParams(Params stage) {
    categoricalCols =
        new StringArrayParam(
            stage,
            "categoricalCols",
            "inputs whose values are the numbers of categories, beside those whose metadata say so");
    labelCols =
        new StringArrayParam(
            stage, "labelCols", "columns to predict, in the order of the network's outputs");
    losses =
        new StringArrayParam(
            stage,
            "losses",
            "loss of each label: cross_entropy, mse, mae or huber; loss for all if it is not set",
            ListOf.LOSSES);
    lossFunction =
        new ObjectParam<>(stage, "lossFunction", "a loss of one's own over all labels and outputs");
    stage.setDefault(categoricalCols, new String[0]);
    stage.setDefault(labelCols, new String[] {"label"});
  }

  public StringArrayParam categoricalCols() {
    return categoricalCols;
  }

  public StringArrayParam labelCols() {
    return labelCols;
  }

  public StringArrayParam losses() {
    return losses;
  }

  public ObjectParam<RowLoss> lossFunction() {
    return lossFunction;
  }
}

package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.ml.Network;
import io.fabric4j.spark.ml.RowLoss;
import java.io.Serializable;
import java.util.List;

/**
 * What the ranks shall train. The driver makes it.
 *
 * @param loss of the user; null for those of the labels
 */
record FitPlan(Network network, Columns columns, RowLoss loss, Training training, long seed)
    implements Serializable {

  /**
   * The columns of the input.
   *
   * @param weight column of weights; null if all rows weigh 1
   * @param validation column of truth values; null if there are no rows to validate on
   */
  record Columns(List<In> inputs, List<Label> labels, String weight, String validation)
      implements Serializable {

    List<String> inputNames() {
      return inputs.stream().map(In::name).toList();
    }

    List<String> labelNames() {
      return labels.stream().map(Label::name).toList();
    }
  }

  /**
   * An input of the network.
   *
   * @param categories their number; 0 for quantities; {@link #UNKNOWN} if the rows tell
   */
  record In(String name, int categories) implements Serializable {}

  /**
   * A label.
   *
   * @param classes their number; {@link #UNKNOWN} if the rows tell; 0 for quantities
   */
  record Label(String name, LabelLoss loss, int classes) implements Serializable {}

  /** Stands for a number that the rows tell. */
  static final int UNKNOWN = -1;

  /**
   * How to train.
   *
   * @param batchSize of all ranks together
   * @param gradientClip 0 for none
   * @param earlyStoppingRounds 0 for never
   * @param printEpochs whether each epoch prints a line
   */
  record Training(
      Update update,
      int maxIter,
      int batchSize,
      int accumulateSteps,
      double gradientClip,
      boolean standardize,
      boolean shuffle,
      int earlyStoppingRounds,
      double tol,
      List<String> metrics,
      boolean printEpochs)
      implements Serializable {}
}

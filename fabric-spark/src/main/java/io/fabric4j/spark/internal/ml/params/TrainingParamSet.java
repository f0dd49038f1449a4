package io.fabric4j.spark.internal.ml.params;

import io.fabric4j.spark.ml.Network;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The params of what an estimator trains, with their defaults. */
public final class TrainingParamSet extends RunParamSet {
  private static final long serialVersionUID = 1L;

  private final NetworkParam network;
  private final Param<String> loss;
  private final Param<String> optimizer;
  private final DoubleParam stepSize;
  private final DoubleParam regParam;
  private final IntParam maxIter;
  private final IntParam batchSize;
  private final IntParam accumulateSteps;
  private final DoubleParam gradientClip;
  private final BooleanParam standardization;
  private final BooleanParam shuffle;
  private final LongParam seed;
  private final Param<String> weightCol;
  private final Param<String> validationIndicatorCol;
  private final DoubleParam validationFraction;
  private final StringArrayParam metrics;
  private final IntParam earlyStoppingRounds;
  private final DoubleParam tol;

  /** Declares the params of a stage, whose uid is known by now. */
  public TrainingParamSet(Params stage) {
    super(stage);
    network = new NetworkParam(stage, "network", "the network that is trained");
    stage.setDefault(network, Network.mlp(128, 64));
    loss =
        choice(
            stage,
            "loss",
            "the loss that is minimized: auto is cross_entropy in a classifier and mse elsewhere",
            "auto",
            "cross_entropy",
            "mse",
            "mae",
            "huber");
    stage.setDefault(loss, "auto");
    optimizer = choice(stage, "optimizer", "the update rule", "adam", "adamw", "sgd", "adagrad");
    stage.setDefault(optimizer, "adam");
    stepSize =
        new DoubleParam(
            stage,
            "stepSize",
            "learning rate, whatever the number of workers (> 0)",
            ParamValidators.gt(0));
    stage.setDefault(stepSize, 0.001);
    regParam =
        new DoubleParam(
            stage, "regParam", "weight decay of the optimizer (>= 0)", ParamValidators.gtEq(0));
    stage.setDefault(regParam, 0.0);
    maxIter =
        new IntParam(
            stage,
            "maxIter",
            "maximum number of epochs, passes over the data (>= 0)",
            ParamValidators.gtEq(0));
    stage.setDefault(maxIter, 20);
    batchSize =
        new IntParam(
            stage,
            "batchSize",
            "rows of a step on all workers together, of which each gets an equal part, rounded up (> 0)",
            ParamValidators.gt(0));
    stage.setDefault(batchSize, 64);
    accumulateSteps =
        new IntParam(
            stage,
            "accumulateSteps",
            "batches whose gradients make one update (> 0)",
            ParamValidators.gt(0));
    stage.setDefault(accumulateSteps, 1);
    gradientClip =
        new DoubleParam(
            stage,
            "gradientClip",
            "largest norm that gradients keep; 0 for any (>= 0)",
            ParamValidators.gtEq(0));
    stage.setDefault(gradientClip, 0.0);
    standardization =
        new BooleanParam(
            stage,
            "standardization",
            "whether built-in networks scale their inputs to mean 0 and deviation 1");
    stage.setDefault(standardization, true);
    shuffle =
        new BooleanParam(stage, "shuffle", "whether each epoch visits the rows in another order");
    stage.setDefault(shuffle, true);
    seed =
        new LongParam(
            stage, "seed", "seed of initial weights, orders and the rows of validationFraction");
    stage.setDefault(seed, (long) stage.getClass().getName().hashCode());
    weightCol =
        new Param<>(
            stage,
            "weightCol",
            "column of row weights; if it is not set or empty, all rows weigh 1");
    validationIndicatorCol =
        new Param<>(
            stage,
            "validationIndicatorCol",
            "boolean column that tells rows to validate on (true) from those to train on");
    validationFraction =
        new DoubleParam(
            stage,
            "validationFraction",
            "part of the rows to validate on, chosen by seed, if validationIndicatorCol is not set (in [0, 1))",
            ParamValidators.inRange(0, 1, true, false));
    stage.setDefault(validationFraction, 0.0);
    metrics =
        new StringArrayParam(
            stage,
            "metrics",
            "what is measured on validation rows after each epoch beside the loss: accuracy, mse, rmse, mae",
            ListOf.METRICS);
    stage.setDefault(metrics, new String[0]);
    earlyStoppingRounds =
        new IntParam(
            stage,
            "earlyStoppingRounds",
            "epochs without a better validation loss after which training ends; 0 for never (>= 0)",
            ParamValidators.gtEq(0));
    stage.setDefault(earlyStoppingRounds, 0);
    tol =
        new DoubleParam(
            stage,
            "tol",
            "by how much a validation loss has to be smaller to be better (>= 0)",
            ParamValidators.gtEq(0));
    stage.setDefault(tol, 1e-6);
  }

  public NetworkParam network() {
    return network;
  }

  public Param<String> loss() {
    return loss;
  }

  public Param<String> optimizer() {
    return optimizer;
  }

  public DoubleParam stepSize() {
    return stepSize;
  }

  public DoubleParam regParam() {
    return regParam;
  }

  public IntParam maxIter() {
    return maxIter;
  }

  public IntParam batchSize() {
    return batchSize;
  }

  public IntParam accumulateSteps() {
    return accumulateSteps;
  }

  public DoubleParam gradientClip() {
    return gradientClip;
  }

  public BooleanParam standardization() {
    return standardization;
  }

  public BooleanParam shuffle() {
    return shuffle;
  }

  public LongParam seed() {
    return seed;
  }

  public Param<String> weightCol() {
    return weightCol;
  }

  public Param<String> validationIndicatorCol() {
    return validationIndicatorCol;
  }

  public DoubleParam validationFraction() {
    return validationFraction;
  }

  public StringArrayParam metrics() {
    return metrics;
  }

  public IntParam earlyStoppingRounds() {
    return earlyStoppingRounds;
  }

  public DoubleParam tol() {
    return tol;
  }
}

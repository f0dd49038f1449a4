package io.fabric4j.spark.internal.ml.params;

import io.fabric4j.loggers.Logger;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;

/** The params of where and how an estimator runs, with their defaults. */
public class RunParamSet extends PredictionParamSet {
  private static final long serialVersionUID = 1L;

  private final IntParam numWorkers;
  private final Param<String> strategy;
  private final Param<String> precision;
  private final Param<String> memoryBudget;
  private final Param<String> checkpointDir;
  private final IntParam checkpointInterval;
  private final Param<String> runId;
  private final BooleanParam resume;
  private final ObjectParam<Object[]> callbacks;
  private final ObjectParam<Logger[]> loggers;
  private final IntParam verbosity;

  /** Declares the params of a stage, whose uid is known by now. */
  public RunParamSet(Params stage) {
    super(stage);
    numWorkers =
        new IntParam(
            stage,
            "numWorkers",
            "number of ranks that train; 0 for one per task slot (>= 0)",
            ParamValidators.gtEq(0));
    stage.setDefault(numWorkers, 0);
    strategy =
        new Param<>(
            stage,
            "strategy",
            "how ranks train together: auto, ddp, zero_stage_1, zero_stage_2, or another by name");
    stage.setDefault(strategy, "auto");
    precision =
        choice(
            stage,
            "precision",
            "numeric types of parameters and computation",
            "32-true",
            "64-true",
            "16-true",
            "bf16-true",
            "16-mixed",
            "bf16-mixed");
    stage.setDefault(precision, "32-true");
    memoryBudget =
        new Param<>(
            stage,
            "memoryBudget",
            "memory that the rows of a rank may take, such as 512m, before they go to a file");
    stage.setDefault(memoryBudget, "1g");
    checkpointDir =
        new Param<>(
            stage,
            "checkpointDir",
            "folder of runs on any Hadoop file system; if it is not set there are no checkpoints");
    checkpointInterval =
        new IntParam(
            stage,
            "checkpointInterval",
            "epochs between checkpoints, 1 if it is not set; needs checkpointDir (> 0)",
            ParamValidators.gt(0));
    runId =
        new Param<>(
            stage,
            "runId",
            "name of the run, by which a later fit goes on with it; needs checkpointDir");
    resume =
        new BooleanParam(
            stage,
            "resume",
            "whether a run of this runId goes on from its newest checkpoint, or starts anew and loses its checkpoints");
    stage.setDefault(resume, true);
    callbacks = new ObjectParam<>(stage, "callbacks", "objects whose hooks run on each rank");
    loggers =
        new ObjectParam<>(stage, "loggers", "where metrics are logged, on the executor of rank 0");
    verbosity =
        new IntParam(
            stage,
            "verbosity",
            "what is shown on the driver: 0 nothing, 1 progress, 2 also a line per epoch (in [0, 2])",
            ParamValidators.inRange(0, 2));
    stage.setDefault(verbosity, 1);
  }

  public IntParam numWorkers() {
    return numWorkers;
  }

  public Param<String> strategy() {
    return strategy;
  }

  public Param<String> precision() {
    return precision;
  }

  public Param<String> memoryBudget() {
    return memoryBudget;
  }

  public Param<String> checkpointDir() {
    return checkpointDir;
  }

  public IntParam checkpointInterval() {
    return checkpointInterval;
  }

  public Param<String> runId() {
    return runId;
  }

  public BooleanParam resume() {
    return resume;
  }

  public ObjectParam<Object[]> callbacks() {
    return callbacks;
  }

  public ObjectParam<Logger[]> loggers() {
    return loggers;
  }

  public IntParam verbosity() {
    return verbosity;
  }
}

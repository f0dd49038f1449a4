package io.fabric4j.spark.ml;

import io.fabric4j.loggers.Logger;
import io.fabric4j.spark.internal.ml.params.ObjectParam;
import io.fabric4j.spark.internal.ml.params.RunParamSet;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of where a fit runs, what it keeps and what it shows.
 *
 * @param <T> type of the stage
 */
public interface FabricRunParams<T extends FabricRunParams<T>> extends FabricPredictionParams<T> {

  @Override
  RunParamSet paramSet();

  /** The number of ranks that train; 0 (default): one per task slot. */
  default IntParam numWorkers() {
    return paramSet().numWorkers();
  }

  /** Returns {@link #numWorkers}. */
  default int getNumWorkers() {
    return (Integer) $(numWorkers());
  }

  /** Sets {@link #numWorkers}. */
  default T setNumWorkers(int value) {
    return StageParams.set(this, numWorkers(), value);
  }

  /**
   * How ranks train together, as in {@link io.fabric4j.FabricBuilder#strategy(String)}. Default
   * auto.
   */
  default Param<String> strategy() {
    return paramSet().strategy();
  }

  /** Returns {@link #strategy}. */
  default String getStrategy() {
    return $(strategy());
  }

  /** Sets {@link #strategy}. */
  default T setStrategy(String value) {
    return StageParams.set(this, strategy(), value);
  }

  /** The numeric types, as in {@link io.fabric4j.FabricBuilder#precision}. Default 32-true. */
  default Param<String> precision() {
    return paramSet().precision();
  }

  /** Returns {@link #precision}. */
  default String getPrecision() {
    return $(precision());
  }

  /** Sets {@link #precision}. */
  default T setPrecision(String value) {
    return StageParams.set(this, precision(), value);
  }

  /** Memory that the rows of a rank may take, such as 512m; the others go to a file. Default 1g. */
  default Param<String> memoryBudget() {
    return paramSet().memoryBudget();
  }

  /** Returns {@link #memoryBudget}. */
  default String getMemoryBudget() {
    return $(memoryBudget());
  }

  /** Sets {@link #memoryBudget}. */
  default T setMemoryBudget(String value) {
    return StageParams.set(this, memoryBudget(), value);
  }

  /**
   * The folder of runs, on any Hadoop file system: with it a fit goes on after the loss of an
   * executor. Unset: no checkpoints.
   */
  default Param<String> checkpointDir() {
    return paramSet().checkpointDir();
  }

  /** Returns {@link #checkpointDir}. */
  default String getCheckpointDir() {
    return $(checkpointDir());
  }

  /** Sets {@link #checkpointDir}. */
  default T setCheckpointDir(String value) {
    return StageParams.set(this, checkpointDir(), value);
  }

  /** Epochs between checkpoints; unset: 1. Needs checkpointDir. */
  default IntParam checkpointInterval() {
    return paramSet().checkpointInterval();
  }

  /** Returns {@link #checkpointInterval}. */
  default int getCheckpointInterval() {
    return (Integer) $(checkpointInterval());
  }

  /** Sets {@link #checkpointInterval}. */
  default T setCheckpointInterval(int value) {
    return StageParams.set(this, checkpointInterval(), value);
  }

  /**
   * The name of the run, by which a later fit goes on with it. Needs checkpointDir. Further fits of
   * the same application with this name get a number behind it.
   */
  default Param<String> runId() {
    return paramSet().runId();
  }

  /** Returns {@link #runId}. */
  default String getRunId() {
    return $(runId());
  }

  /** Sets {@link #runId}. */
  default T setRunId(String value) {
    return StageParams.set(this, runId(), value);
  }

  /**
   * Whether a run of this runId goes on from its newest checkpoint (true, the default) or starts
   * anew, which deletes its checkpoints.
   */
  default BooleanParam resume() {
    return paramSet().resume();
  }

  /** Returns {@link #resume}. */
  default boolean getResume() {
    return (Boolean) $(resume());
  }

  /** Sets {@link #resume}. */
  default T setResume(boolean value) {
    return StageParams.set(this, resume(), value);
  }

  /**
   * Objects whose hooks run on each rank, see {@link io.fabric4j.callbacks.Callback}. They are not
   * saved with the stage.
   */
  default ObjectParam<Object[]> callbacks() {
    return paramSet().callbacks();
  }

  /** Returns {@link #callbacks}. */
  default Object[] getCallbacks() {
    return $(callbacks());
  }

  /** Sets {@link #callbacks}. */
  default T setCallbacks(Object... value) {
    return StageParams.set(this, callbacks(), value);
  }

  /** Where metrics are logged, on the executor of rank 0. They are not saved with the stage. */
  default ObjectParam<Logger[]> loggers() {
    return paramSet().loggers();
  }

  /** Returns {@link #loggers}. */
  default Logger[] getLoggers() {
    return $(loggers());
  }

  /** Sets {@link #loggers}. */
  default T setLoggers(Logger... value) {
    return StageParams.set(this, loggers(), value);
  }

  /**
   * What is shown on the driver: 0 nothing, 1 (default) progress as {@code spark.fabric.progress}
   * says, 2 also a line per epoch.
   */
  default IntParam verbosity() {
    return paramSet().verbosity();
  }

  /** Returns {@link #verbosity}. */
  default int getVerbosity() {
    return (Integer) $(verbosity());
  }

  /** Sets {@link #verbosity}. */
  default T setVerbosity(int value) {
    return StageParams.set(this, verbosity(), value);
  }
}

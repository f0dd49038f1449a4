package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.params.NetworkParam;
import io.fabric4j.spark.internal.ml.params.TrainingParamSet;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;
import org.apache.spark.ml.param.shared.HasWeightCol;

/**
 * Params of what a fit trains, on which rows, and for how long.
 *
 * @param <T> type of the stage
 */
public interface FabricTrainingParams<T extends FabricTrainingParams<T>>
    extends FabricRunParams<T>, HasWeightCol {

  @Override
  TrainingParamSet paramSet();

  /** The network. Default {@code Network.mlp(128, 64)}. */
  default NetworkParam network() {
    return paramSet().network();
  }

  /** Returns {@link #network}. */
  default Network getNetwork() {
    return $(network());
  }

  /** Sets {@link #network}. */
  default T setNetwork(Network value) {
    return StageParams.set(this, network(), value);
  }

  /**
   * The loss: {@code cross_entropy} for labels that are classes, {@code mse}, {@code mae} or {@code
   * huber} for quantities, or {@code auto} (default): cross_entropy in a classifier, mse elsewhere.
   */
  default Param<String> loss() {
    return paramSet().loss();
  }

  /** Returns {@link #loss}. */
  default String getLoss() {
    return $(loss());
  }

  /** Sets {@link #loss}. */
  default T setLoss(String value) {
    return StageParams.set(this, loss(), value);
  }

  /**
   * The update rule: {@code adam} (default), {@code adamw}, {@code sgd} (momentum 0.9) or {@code
   * adagrad}.
   */
  default Param<String> optimizer() {
    return paramSet().optimizer();
  }

  /** Returns {@link #optimizer}. */
  default String getOptimizer() {
    return $(optimizer());
  }

  /** Sets {@link #optimizer}. */
  default T setOptimizer(String value) {
    return StageParams.set(this, optimizer(), value);
  }

  /** The learning rate, whatever the number of workers. Default 0.001. */
  default DoubleParam stepSize() {
    return paramSet().stepSize();
  }

  /** Returns {@link #stepSize}. */
  default double getStepSize() {
    return (Double) $(stepSize());
  }

  /** Sets {@link #stepSize}. */
  default T setStepSize(double value) {
    return StageParams.set(this, stepSize(), value);
  }

  /** The weight decay of the optimizer. Default 0. */
  default DoubleParam regParam() {
    return paramSet().regParam();
  }

  /** Returns {@link #regParam}. */
  default double getRegParam() {
    return (Double) $(regParam());
  }

  /** Sets {@link #regParam}. */
  default T setRegParam(double value) {
    return StageParams.set(this, regParam(), value);
  }

  /** The number of epochs at most. Default 20. */
  default IntParam maxIter() {
    return paramSet().maxIter();
  }

  /** Returns {@link #maxIter}. */
  default int getMaxIter() {
    return (Integer) $(maxIter());
  }

  /** Sets {@link #maxIter}. */
  default T setMaxIter(int value) {
    return StageParams.set(this, maxIter(), value);
  }

  /** Rows of a step on all workers together; each gets an equal part, rounded up. Default 64. */
  default IntParam batchSize() {
    return paramSet().batchSize();
  }

  /** Returns {@link #batchSize}. */
  default int getBatchSize() {
    return (Integer) $(batchSize());
  }

  /** Sets {@link #batchSize}. */
  default T setBatchSize(int value) {
    return StageParams.set(this, batchSize(), value);
  }

  /** Batches whose gradients make one update. Default 1. */
  default IntParam accumulateSteps() {
    return paramSet().accumulateSteps();
  }

  /** Returns {@link #accumulateSteps}. */
  default int getAccumulateSteps() {
    return (Integer) $(accumulateSteps());
  }

  /** Sets {@link #accumulateSteps}. */
  default T setAccumulateSteps(int value) {
    return StageParams.set(this, accumulateSteps(), value);
  }

  /** The largest norm that gradients keep, 0 (default) for any. */
  default DoubleParam gradientClip() {
    return paramSet().gradientClip();
  }

  /** Returns {@link #gradientClip}. */
  default double getGradientClip() {
    return (Double) $(gradientClip());
  }

  /** Sets {@link #gradientClip}. */
  default T setGradientClip(double value) {
    return StageParams.set(this, gradientClip(), value);
  }

  /** Whether built-in networks scale their inputs to mean 0 and deviation 1. Default true. */
  default BooleanParam standardization() {
    return paramSet().standardization();
  }

  /** Returns {@link #standardization}. */
  default boolean getStandardization() {
    return (Boolean) $(standardization());
  }

  /** Sets {@link #standardization}. */
  default T setStandardization(boolean value) {
    return StageParams.set(this, standardization(), value);
  }

  /** Whether each epoch visits rows in another order. Default true. */
  default BooleanParam shuffle() {
    return paramSet().shuffle();
  }

  /** Returns {@link #shuffle}. */
  default boolean getShuffle() {
    return (Boolean) $(shuffle());
  }

  /** Sets {@link #shuffle}. */
  default T setShuffle(boolean value) {
    return StageParams.set(this, shuffle(), value);
  }

  /**
   * Seed of initial weights, orders and the rows of validationFraction; its lower 32 bits count.
   * Default: a hash of the class name, as in Spark.
   */
  default LongParam seed() {
    return paramSet().seed();
  }

  /** Returns {@link #seed}. */
  default long getSeed() {
    return (Long) $(seed());
  }

  /** Sets {@link #seed}. */
  default T setSeed(long value) {
    return StageParams.set(this, seed(), value);
  }

  /**
   * The column of row weights; unset or empty: all weigh 1. A row of weight 2 counts as two rows.
   */
  @Override
  default Param<String> weightCol() {
    return paramSet().weightCol();
  }

  /** Sets {@link #weightCol}. */
  default T setWeightCol(String value) {
    return StageParams.set(this, weightCol(), value);
  }

  /** The boolean column that tells rows to validate on (true) from those to train on. */
  default Param<String> validationIndicatorCol() {
    return paramSet().validationIndicatorCol();
  }

  /** Returns {@link #validationIndicatorCol}. */
  default String getValidationIndicatorCol() {
    return $(validationIndicatorCol());
  }

  /** Sets {@link #validationIndicatorCol}. */
  default T setValidationIndicatorCol(String value) {
    return StageParams.set(this, validationIndicatorCol(), value);
  }

  /**
   * The part of the rows to validate on, chosen by seed, if there is no validationIndicatorCol.
   * Default 0.
   */
  default DoubleParam validationFraction() {
    return paramSet().validationFraction();
  }

  /** Returns {@link #validationFraction}. */
  default double getValidationFraction() {
    return (Double) $(validationFraction());
  }

  /** Sets {@link #validationFraction}. */
  default T setValidationFraction(double value) {
    return StageParams.set(this, validationFraction(), value);
  }

  /**
   * What is measured after each epoch beside the loss: {@code accuracy}, {@code mse}, {@code rmse},
   * {@code mae}. Default none.
   */
  default StringArrayParam metrics() {
    return paramSet().metrics();
  }

  /** Returns {@link #metrics}. */
  default String[] getMetrics() {
    return $(metrics());
  }

  /** Sets {@link #metrics}. */
  default T setMetrics(String... value) {
    return StageParams.set(this, metrics(), value);
  }

  /** Epochs without a better validation loss after which training ends; 0 (default): never. */
  default IntParam earlyStoppingRounds() {
    return paramSet().earlyStoppingRounds();
  }

  /** Returns {@link #earlyStoppingRounds}. */
  default int getEarlyStoppingRounds() {
    return (Integer) $(earlyStoppingRounds());
  }

  /** Sets {@link #earlyStoppingRounds}. */
  default T setEarlyStoppingRounds(int value) {
    return StageParams.set(this, earlyStoppingRounds(), value);
  }

  /** By how much a validation loss has to be smaller to be better. Default 1e-6. */
  default DoubleParam tol() {
    return paramSet().tol();
  }

  /** Returns {@link #tol}. */
  default double getTol() {
    return (Double) $(tol());
  }

  /** Sets {@link #tol}. */
  default T setTol(double value) {
    return StageParams.set(this, tol(), value);
  }

  /** Sets {@link #maxIter}, the number of epochs. */
  default T setEpochs(int value) {
    return setMaxIter(value);
  }

  /** Does nothing: Spark's trait would set its own param here, were it mixed into a Scala class. */
  @Override
  default void org$apache$spark$ml$param$shared$HasWeightCol$_setter_$weightCol_$eq(
      Param<String> param) {}
}

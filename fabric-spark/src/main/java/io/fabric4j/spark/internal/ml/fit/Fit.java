package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.ml.FabricTrainingParams;
import io.fabric4j.spark.ml.FabricTrainingSummary;
import io.fabric4j.spark.progress.TrainingHistory;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.apache.spark.sql.Dataset;

/** A fit on the driver: from a stage and its rows to what a model is made of. */
public final class Fit {
  private final FabricTrainingParams<?> stage;
  private final FitRequest request;

  private Fit(FabricTrainingParams<?> stage, FitRequest request) {
    this.stage = stage;
    this.request = request;
  }

  /**
   * Trains. Blocks until the ranks have ended; interrupting this thread, or cancelling the job,
   * ends them.
   *
   * @throws io.fabric4j.FabricException if the ranks cannot start, or one fails
   */
  public static Fitted run(FabricTrainingParams<?> stage, Dataset<?> dataset, FitRequest request) {
    return new Fit(stage, request).run(dataset);
  }

  private Fitted run(Dataset<?> dataset) {
    long start = System.nanoTime();
    FitInput input = FitInput.of(stage, dataset, request);
    FitPlan plan =
        new FitPlan(
            stage.getNetwork(), input.columns(), request.loss(), training(), stage.getSeed());
    SparkFabric.Builder builder =
        settings(SparkFabric.builder(dataset.sparkSession())).input(RankFit.INPUT, input.rows());
    try (FitRun run = FitRun.open(stage, dataset.sparkSession())) {
      run.configure(builder);
      SparkFabric launcher = builder.build();
      FitResult result = launcher.launch(new RankFit(plan));
      run.completed();
      return fitted(launcher, result, (System.nanoTime() - start) / 1e9);
    }
  }

  private FitPlan.Training training() {
    return new FitPlan.Training(
        new Update(stage.getOptimizer(), stage.getStepSize(), stage.getRegParam()),
        stage.getMaxIter(),
        stage.getBatchSize(),
        stage.getAccumulateSteps(),
        stage.getGradientClip(),
        stage.getStandardization(),
        stage.getShuffle(),
        stage.getEarlyStoppingRounds(),
        stage.getTol(),
        List.of(stage.getMetrics()),
        stage.getVerbosity() > 1);
  }

  private SparkFabric.Builder settings(SparkFabric.Builder builder) {
    builder
        .handleInvalid(HandleInvalid.valueOf(stage.getHandleInvalid().toUpperCase(Locale.ROOT)))
        .memoryBudget(stage.getMemoryBudget())
        .precision(stage.getPrecision())
        .strategy(stage.getStrategy())
        .accelerator(accelerator());
    if (stage.getNumWorkers() > 0) {
      builder.numWorkers(stage.getNumWorkers());
    }
    if (stage.getVerbosity() == 0) {
      builder.option(SparkFabricOptions.PROGRESS, SparkFabricOptions.PROGRESS_OFF);
    }
    if (stage.isDefined(stage.callbacks())) {
      builder.callbacks(stage.getCallbacks());
    }
    if (stage.isDefined(stage.loggers())) {
      builder.loggers(stage.getLoggers());
    }
    return builder;
  }

  private String accelerator() {
    return switch (stage.getUseGpu()) {
      case "true" -> "cuda";
      case "false" -> "cpu";
      default -> "auto";
    };
  }

  private Fitted fitted(SparkFabric launcher, FitResult result, double seconds) {
    TrainingHistory history = launcher.history().orElseThrow();
    return new Fitted(
        new TrainedNetwork(
            UUID.randomUUID().toString(), stage.getNetwork(), result.signature(), result.weights()),
        new FabricTrainingSummary(
            history.runId(),
            history.worldSize(),
            result.epochs(),
            result.bestEpoch(),
            result.stoppedEarly(),
            seconds,
            result.trainRows(),
            result.validationRows()));
  }
}

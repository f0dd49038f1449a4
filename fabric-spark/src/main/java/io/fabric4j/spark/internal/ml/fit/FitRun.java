package io.fabric4j.spark.internal.ml.fit;

import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.ml.FabricTrainingParams;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/** The managed run of a fit, if the stage has a folder for checkpoints. */
final class FitRun implements AutoCloseable {
  private final FabricTrainingParams<?> stage;
  private final RunNames.Name name;

  private FitRun(FabricTrainingParams<?> stage, RunNames.Name name) {
    this.stage = stage;
    this.name = name;
  }

  static FitRun open(FabricTrainingParams<?> stage, SparkSession spark) {
    if (!stage.isDefined(stage.runId())) {
      return new FitRun(stage, null);
    }
    SparkContext context = spark.sparkContext();
    RunNames.Name name = RunNames.of(context).take(stage.getRunId());
    if (!stage.getResume()) {
      delete(context, new Path(stage.getCheckpointDir(), name.text()));
    }
    return new FitRun(stage, name);
  }

  private static void delete(SparkContext context, Path folder) {
    try {
      folder.getFileSystem(context.hadoopConfiguration()).delete(folder, true);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "Cannot delete the run "
              + folder
              + ", which is to start anew: "
              + e
              + ". Choose another runId, or set resume to true.",
          e);
    }
  }

  /** Tells a launch where its checkpoints go. */
  void configure(SparkFabric.Builder builder) {
    if (!stage.isDefined(stage.checkpointDir()) || stage.getCheckpointDir().isEmpty()) {
      return;
    }
    builder.option(SparkFabricOptions.CHECKPOINT_DIR, stage.getCheckpointDir());
    if (name != null) {
      builder.option(SparkFabricOptions.RUN_ID, name.text());
    }
    if (stage.isDefined(stage.checkpointInterval())) {
      builder.option(
          SparkFabricOptions.CHECKPOINT_EPOCHS, Integer.toString(stage.getCheckpointInterval()));
    }
  }

  /** Says that the name is used up: the next fit is another run. */
  void completed() {
    if (name != null) {
      name.completed();
    }
  }

  @Override
  public void close() {
    if (name != null) {
      name.close();
    }
  }
}

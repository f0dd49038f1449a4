package io.fabric4j.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.ml.util.MLWriter;
import scala.Option;

/** Saves a stage: its params where Spark's own stages have them, the rest beside. */
final class StageWriter extends MLWriter {
  private final Params stage;
  private final FittedNetwork fitted;

  /** Saves a stage that is nothing but params, such as an estimator. */
  StageWriter(Params stage) {
    this(stage, null);
  }

  StageWriter(Params stage, FittedNetwork fitted) {
    this.stage = stage;
    this.fitted = fitted;
  }

  /** Before an older stage in that place is deleted it is clear that this one can be written. */
  @Override
  @SuppressWarnings("deprecation") // what replaces it is not in Spark 3.5
  public void save(String path) throws IOException {
    DefaultParamsWriter$.MODULE$.getMetadataToSave(stage, sc(), none(), none());
    if (fitted != null && !(fitted.trained().network() instanceof TorchScriptNetwork)) {
      fitted.trained().network().toJson();
    }
    super.save(path);
  }

  @Override
  @SuppressWarnings("deprecation") // what replaces it is not in Spark 3.5
  public void saveImpl(String path) {
    StageFolder folder = StageFolder.of(path, sc().hadoopConfiguration());
    try {
      if (fitted == null) {
        folder.writeParams();
      } else {
        folder.write(fitted);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot save " + stage.uid() + ": " + e.getMessage(), e);
    }
    DefaultParamsWriter$.MODULE$.saveMetadata(stage, path, sc(), none(), none());
  }

  private static <T> Option<T> none() {
    return Option.empty();
  }
}

package io.fabric4j.spark.ml;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.MLReader;
import scala.Option;

/** Loads stages that {@link StageWriter} saved. */
final class StageReader<T extends Params> extends MLReader<T> {
  private final Class<T> type;
  private final Factory<T> factory;

  /** Makes a stage, without its params. */
  private interface Factory<T> {
    T create(String uid, StageFolder folder) throws IOException;
  }

  private StageReader(Class<T> type, Factory<T> factory) {
    this.type = type;
    this.factory = factory;
  }

  /** Loads stages that are nothing but params, by their uid. */
  static <T extends Params> StageReader<T> ofParams(Class<T> type, Function<String, T> factory) {
    return new StageReader<>(type, (uid, folder) -> factory.apply(uid));
  }

  /** Loads models, by their uid and network. */
  static <T extends Params> StageReader<T> ofModel(
      Class<T> type, BiFunction<String, FittedNetwork, T> factory) {
    return new StageReader<>(type, (uid, folder) -> factory.apply(uid, folder.read()));
  }

  @Override
  public T load(String path) {
    StageFolder folder = StageFolder.of(path, sc().hadoopConfiguration());
    try {
      folder.check();
      DefaultParamsReader.Metadata metadata = metadata(path);
      T stage = factory.create(metadata.uid(), folder);
      metadata.getAndSetParams(stage, Option.empty());
      return stage;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot load " + path + ": " + e.getMessage(), e);
    }
  }

  @SuppressWarnings("deprecation") // what replaces it is not in Spark 3.5
  private DefaultParamsReader.Metadata metadata(String path) throws IOException {
    try {
      return DefaultParamsReader$.MODULE$.loadMetadata(path, sc(), type.getName());
    } catch (IllegalArgumentException e) {
      throw e; // the stage is of another class
    } catch (RuntimeException e) {
      throw new IOException(
          "its params in the folder metadata are damaged: "
              + e.getMessage()
              + ". Save the stage again, or restore the folder from a copy.",
          e);
    }
  }
}

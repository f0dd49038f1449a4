package io.fabric4j.spark.ml;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.checkpoint.SafetensorsReader;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import io.fabric4j.spark.internal.ml.TrainedNetwork;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.ml.util.ReadWriteUtils;

/**
 * The folder of a saved stage. Beside {@code metadata}, where Spark keeps its params, it has
 *
 * <ol>
 *   <li>{@code fabric.json}: the version of this layout, and for models the network's description
 *       and signature;
 *   <li>{@code weights.safetensors}, with a checksum of each tensor;
 *   <li>{@code network.pt}, if the network is a TorchScript module;
 *   <li>{@code summary.json}, if there is one.
 * </ol>
 *
 * Reading it runs no code that the folder brings, but a constructor of the class that the
 * description names, if the network is one of the user's own.
 */
final class StageFolder {

  /** Version of the layout that is written; earlier ones are read too. */
  static final int VERSION = 1;

  private static final String DESCRIPTION = "fabric.json";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String SCRIPT = "network.pt";
  private static final String SUMMARY = "summary.json";
  private static final Gson GSON = new Gson();

  private final CheckpointIO io;
  private final String path;

  /**
   * What {@link #DESCRIPTION} says.
   *
   * @param id of the trained network; null if the stage is none
   * @param network null if {@link #SCRIPT} holds it
   */
  private record Description(
      @SerializedName("formatVersion") int version,
      String id,
      String network,
      NetworkSignature signature) {}

  private StageFolder(String path, CheckpointIO io) {
    this.path = path;
    this.io = io;
  }

  /**
   * Returns a folder of the file system that the path names, or of the driver's disk while Spark
   * Connect moves models there.
   */
  static StageFolder of(String path, Configuration configuration) {
    boolean local = (Boolean) ReadWriteUtils.localSavingModeState().get();
    return new StageFolder(
        path, local ? new LocalCheckpointIO() : new HadoopCheckpointIO(configuration));
  }

  private String file(String name) {
    return path.endsWith("/") ? path + name : path + '/' + name;
  }

  /** Writes the description of a stage that is nothing but params. */
  void writeParams() throws IOException {
    write(DESCRIPTION, GSON.toJson(new Description(VERSION, null, null, null)));
  }

  /** Writes a model. */
  void write(FittedNetwork fitted) throws IOException {
    TrainedNetwork trained = fitted.trained();
    boolean isScript = trained.network() instanceof TorchScriptNetwork;
    String network = isScript ? null : trained.network().toJson();
    Description description = new Description(VERSION, trained.id(), network, trained.signature());
    write(DESCRIPTION, GSON.toJson(description));
    write(WEIGHTS, trained.weights());
    if (trained.network() instanceof TorchScriptNetwork script) {
      write(SCRIPT, script.script());
    }
    if (fitted.summary().isPresent()) {
      write(SUMMARY, fitted.summary().get().toJson());
    }
  }

  private void write(String name, String text) throws IOException {
    write(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private void write(String name, byte[] bytes) throws IOException {
    try (CheckpointIO.PendingFile file = io.create(file(name))) {
      file.stream().write(bytes);
      file.commit();
    }
  }

  /**
   * Makes sure that this release can read the folder.
   *
   * @throws IllegalArgumentException if there is no stage of Fabric, or a later release wrote it
   */
  void check() throws IOException {
    description();
  }

  private Description description() throws IOException {
    Description description;
    try {
      description = GSON.fromJson(text(DESCRIPTION), Description.class);
    } catch (FileNotFoundException e) {
      throw new IllegalArgumentException(
          "There is no stage of Fabric in "
              + path
              + ": "
              + DESCRIPTION
              + " is missing. Name the folder that was given to save.",
          e);
    } catch (JsonParseException e) {
      throw damaged(DESCRIPTION, e);
    }
    if (description == null || description.version() < 1) {
      throw damaged(DESCRIPTION, null);
    }
    if (description.version() > VERSION) {
      throw new IllegalArgumentException(
          "Cannot load "
              + path
              + ": its layout has version "
              + description.version()
              + ", and this release reads versions up to "
              + VERSION
              + ". Load it with the release that wrote it, or a later one.");
    }
    return description;
  }

  /**
   * Reads a model.
   *
   * @throws IOException if a file is missing or damaged
   */
  FittedNetwork read() throws IOException {
    Description description = description();
    if (description.id() == null || description.signature() == null) {
      throw damaged(DESCRIPTION, null);
    }
    try (SafetensorsReader weights = new SafetensorsReader(io, file(WEIGHTS))) {
      weights.verify();
    }
    Network network =
        description.network() == null
            ? new TorchScriptNetwork(bytes(SCRIPT))
            : Network.fromJson(description.network());
    return new FittedNetwork(
        new TrainedNetwork(description.id(), network, description.signature(), bytes(WEIGHTS)),
        summary());
  }

  private FabricTrainingSummary summary() throws IOException {
    if (!io.exists(file(SUMMARY))) {
      return null;
    }
    try {
      return FabricTrainingSummary.fromJson(text(SUMMARY));
    } catch (IllegalArgumentException e) {
      throw damaged(SUMMARY, e);
    }
  }

  private String text(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String name) throws IOException {
    try (InputStream in = io.open(file(name))) {
      return in.readAllBytes();
    }
  }

  private IOException damaged(String name, Exception cause) {
    return new IOException(
        "The file "
            + file(name)
            + " is damaged"
            + (cause == null ? "" : ": " + cause.getMessage())
            + ". Save the stage again, or restore the file from a copy.",
        cause);
  }
}

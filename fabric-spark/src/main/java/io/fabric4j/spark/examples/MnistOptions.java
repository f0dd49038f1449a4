package io.fabric4j.spark.examples;

import io.fabric4j.spark.SparkFabricOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The command line of the MNIST example, checked. The last of repeated options counts. */
final class MnistOptions {
  private static final int MIN_SAMPLES = 10;
  private static final int MAX_SAMPLES = 1_000_000;
  private static final long MAX_SEED = 0xffff_ffffL;

  private final Path data;
  private final Model model;
  private final int workers;
  private final int epochs;
  private final int batchSize;
  private final float lr;
  private final long seed;
  private final String checkpoint;
  private final Map<String, String> run = new HashMap<>();
  private final int samples;
  private final boolean helpRequested;

  /** The networks to choose from. */
  enum Model {
    MLP,
    CNN
  }

  private MnistOptions(Map<MnistOption, String> given) {
    data = value(given, MnistOption.DATA).map(Path::of).orElse(null);
    model = model(given);
    workers = (int) wholeNumber(given, MnistOption.WORKERS, 1, Integer.MAX_VALUE);
    epochs = (int) wholeNumber(given, MnistOption.EPOCHS, 1, Integer.MAX_VALUE);
    batchSize = (int) wholeNumber(given, MnistOption.BATCH_SIZE, 1, Integer.MAX_VALUE);
    lr = positive(given, MnistOption.LR);
    seed = wholeNumber(given, MnistOption.SEED, 0, MAX_SEED);
    checkpoint = value(given, MnistOption.CHECKPOINT).orElse(null);
    addRun(given, MnistOption.RUN_DIR, SparkFabricOptions.CHECKPOINT_DIR);
    addRun(given, MnistOption.RUN_ID, SparkFabricOptions.RUN_ID);
    addRun(given, MnistOption.SAVE_EVERY, SparkFabricOptions.CHECKPOINT_INTERVAL);
    wholeNumber(given, MnistOption.SAVE_EVERY, 0, Integer.MAX_VALUE);
    samples = (int) wholeNumber(given, MnistOption.SAMPLES, MIN_SAMPLES, MAX_SAMPLES);
    helpRequested = given.containsKey(MnistOption.HELP);
  }

  private void addRun(Map<MnistOption, String> given, MnistOption option, String setting) {
    value(given, option).ifPresent(value -> run.put(setting, value));
  }

  /**
   * Parses {@code --option value} and {@code --option=value}. With {@code --help} anywhere, nothing
   * else is looked at.
   *
   * @throws IllegalArgumentException if an option is unknown, its value is missing, no number or
   *     out of range
   */
  static MnistOptions parse(String... args) {
    Map<MnistOption, String> given = new EnumMap<>(MnistOption.class);
    if (List.of(args).contains(MnistOption.HELP.flag())) {
      given.put(MnistOption.HELP, "");
      return new MnistOptions(given);
    }
    Iterator<String> words = List.of(args).iterator();
    while (words.hasNext()) {
      String[] flagAndValue = words.next().split("=", 2);
      MnistOption option = MnistOption.of(flagAndValue[0]);
      String value =
          flagAndValue.length == 2 ? flagAndValue[1] : words.hasNext() ? words.next() : "";
      if (value.isBlank() || value.startsWith("--")) {
        throw new IllegalArgumentException(
            "%s has no value. Write it as %s.".formatted(option.flag(), option.usage()));
      }
      given.put(option, value);
    }
    return new MnistOptions(given);
  }

  /** Returns the usage text. */
  static String help() {
    return """
    Trains a digit classifier with Fabric for Apache Spark.

    Options:
    %s
    Example:
      spark-submit --master "local[2]" --class io.fabric4j.spark.examples.MnistTraining \\
          fabric-spark_2.13.jar --data /data/fashion-mnist --model cnn --epochs 3
    """
        .formatted(MnistOption.table());
  }

  /** Returns the folder of IDX files; empty to train on drawn digits. */
  Optional<Path> data() {
    return Optional.ofNullable(data);
  }

  Model model() {
    return model;
  }

  int workers() {
    return workers;
  }

  int epochs() {
    return epochs;
  }

  /** Returns the images of one worker in one step. */
  int batchSize() {
    return batchSize;
  }

  float lr() {
    return lr;
  }

  long seed() {
    return seed;
  }

  Optional<String> checkpoint() {
    return Optional.ofNullable(checkpoint);
  }

  /** Returns the settings of {@link SparkFabricOptions} for a run that can be resumed. */
  Map<String, String> run() {
    return run;
  }

  /** Returns the size of the drawn data set, train and test together. */
  int samples() {
    return samples;
  }

  boolean helpRequested() {
    return helpRequested;
  }

  private static Optional<String> value(Map<MnistOption, String> given, MnistOption option) {
    return Optional.ofNullable(given.get(option)).or(option::defaultValue);
  }

  private static Model model(Map<MnistOption, String> given) {
    String value = value(given, MnistOption.MODEL).orElseThrow();
    return Arrays.stream(Model.values())
        .filter(model -> model.name().toLowerCase(Locale.ROOT).equals(value))
        .findFirst()
        .orElseThrow(() -> outside(MnistOption.MODEL, value, "mlp or cnn"));
  }

  private static long wholeNumber(
      Map<MnistOption, String> given, MnistOption option, long min, long max) {
    String value = value(given, option).orElseThrow();
    try {
      long number = Long.parseLong(value);
      if (min <= number && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw outside(option, value, "a whole number from %d to %d".formatted(min, max));
  }

  private static float positive(Map<MnistOption, String> given, MnistOption option) {
    String value = value(given, option).orElseThrow();
    try {
      float number = Float.parseFloat(value);
      if (number > 0 && number < Float.POSITIVE_INFINITY) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw outside(option, value, "a finite number above 0");
  }

  private static IllegalArgumentException outside(
      MnistOption option, String value, String allowed) {
    return new IllegalArgumentException(
        "%s cannot be %s. Give it %s.".formatted(option.flag(), value, allowed));
  }
}

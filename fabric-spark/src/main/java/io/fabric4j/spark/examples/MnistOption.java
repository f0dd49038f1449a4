package io.fabric4j.spark.examples;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What {@link MnistOptions} takes: one line of the help text each. */
enum MnistOption {
  DATA("DIR", null, "local folder with MNIST or Fashion-MNIST IDX files; if absent, drawn digits"),
  MODEL("NAME", "mlp", "mlp or cnn"),
  WORKERS("N", "2", "number of ranks"),
  EPOCHS("N", "5", "passes over the training images"),
  BATCH_SIZE("N", "64", "images of one worker in one step"),
  LR("X", "1e-3", "learning rate"),
  SEED("N", "1", "seed of weights, order of the images and drawn digits"),
  CHECKPOINT("PATH", null, "file to save the trained network to (default mnist-MODEL.safetensors)"),
  RUN_DIR("DIR", null, "folder of runs that can be resumed; if absent, it cannot"),
  RUN_ID("ID", null, "name of the run in that folder; the same one resumes it"),
  SAVE_EVERY("N", "100", "steps between checkpoints of the run"),
  SAMPLES("N", "10000", "number of drawn digits"),
  HELP("", null, "print this text");

  private static final int MAX_TYPOS = 3;

  private final String placeholder;
  private final String defaultValue;
  private final String description;

  MnistOption(String placeholder, String defaultValue, String description) {
    this.placeholder = placeholder;
    this.defaultValue = defaultValue;
    this.description = description;
  }

  /** Returns the option as typed, such as {@code --batch-size}. */
  String flag() {
    return "--" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  Optional<String> defaultValue() {
    return Optional.ofNullable(defaultValue);
  }

  /** Returns the flag with its placeholder, such as {@code --batch-size N}. */
  String usage() {
    return (flag() + " " + placeholder).strip();
  }

  static MnistOption of(String flag) {
    return Arrays.stream(values())
        .filter(option -> option.flag().equals(flag))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(unknown(flag)));
  }

  static String table() {
    return Arrays.stream(values())
        .map(
            option -> "  %-18s %s%s\n".formatted(option.usage(), option.description, option.note()))
        .collect(Collectors.joining());
  }

  private String note() {
    return defaultValue().map(" (default %s)"::formatted).orElse("");
  }

  private static String unknown(String flag) {
    MnistOption nearest = values()[0];
    for (MnistOption option : values()) {
      if (typos(flag, option.flag()) < typos(flag, nearest.flag())) {
        nearest = option;
      }
    }
    return "Unknown option %s. %s"
        .formatted(
            flag,
            typos(flag, nearest.flag()) <= MAX_TYPOS
                ? "Did you mean %s?".formatted(nearest.flag())
                : "Run with --help to see all options.");
  }

  /** Counts the letters to insert, remove or replace (Levenshtein distance). */
  private static int typos(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}

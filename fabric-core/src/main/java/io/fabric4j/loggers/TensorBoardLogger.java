package io.fabric4j.loggers;

import static java.util.Objects.requireNonNull;

import io.fabric4j.internal.loggers.BatchedWriter;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes scalars and hyperparameters to TensorBoard event files in {@code rootDir/name/version_N},
 * without any of TensorFlow's code. On Spark the directory may be on any file system of Hadoop.
 *
 * <p>A thread writes every 30 s ({@link Builder#flushEvery}), so that TensorBoard shows a training
 * while it runs. Where readers see a file only when it is closed, as on object stores, each time
 * makes a file of its own, and after long the times come further apart, by a hundredth of the time
 * so far. A directory that is used again, as by a resumed run with {@link Builder#version(String)},
 * gets a new file beside the older ones, and TensorBoard joins them.
 *
 * <p>Storage that fails or hangs does not end or slow a training: there is a warning, and what was
 * logged is written when that is possible.
 */
public final class TensorBoardLogger implements Logger {
  private static final long serialVersionUID = 1L;
  private static final Duration FIRST_FLUSH = Duration.ofSeconds(1);

  private final LogDirectory directory;
  private final String subDir;
  private final String prefix;
  private final boolean defaultHpMetric;
  private final Duration interval;
  private transient BatchedWriter<byte[]> writer;

  private TensorBoardLogger(Builder builder) {
    directory =
        new LogDirectory(LogDirectory.expand(builder.rootDir), builder.name, builder.version);
    subDir = LogDirectory.expand(builder.subDir);
    prefix = builder.prefix.isEmpty() ? "" : builder.prefix + "-";
    defaultHpMetric = builder.defaultHpMetric;
    interval = builder.interval;
  }

  /**
   * Returns a builder.
   *
   * @param rootDir directory of all experiments; {@code ~} and environment variables are expanded
   */
  public static Builder builder(String rootDir) {
    return new Builder(rootDir);
  }

  @Override
  public String name() {
    return directory.name();
  }

  @Override
  public String version() {
    return LogDirectory.unchecked(directory::version);
  }

  @Override
  public String rootDir() {
    return directory.root();
  }

  @Override
  public String logDir() {
    return LogDirectory.unchecked(this::folder);
  }

  private String folder() throws IOException {
    return LogDirectory.join(directory.path(), subDir);
  }

  @Override
  public void useStorage(LogStorage storage) {
    directory.useStorage(storage);
  }

  /**
   * Writes metrics of a step, as 32-bit floats.
   *
   * @param metrics numbers, or maps of numbers, which become tags {@code name/key}
   * @throws IllegalArgumentException if a value is something else
   */
  @Override
  public void logMetrics(Map<String, ?> metrics, long step) {
    Map<String, Float> scalars = new LinkedHashMap<>();
    metrics.forEach((name, value) -> collect(prefix + name, value, scalars));
    scalars.forEach((tag, value) -> write(Summaries.scalar(tag, value), step));
  }

  private void collect(String tag, Object value, Map<String, Float> scalars) {
    if (value instanceof Number number) {
      scalars.put(tag, number.floatValue());
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((key, each) -> collect(tag + groupSeparator() + key, each, scalars));
    } else {
      throw new IllegalArgumentException(
          "Cannot log "
              + tag
              + "="
              + value
              + ": it is neither a number nor a map of numbers. Pass a number, for example"
              + " array.getFloat().");
    }
  }

  /**
   * Writes hyperparameters, and -1 as {@code hp_metric} so that TensorBoard lists the run.
   *
   * @param hyperparams nested maps become {@code outer/inner}; values other than strings, numbers
   *     and booleans are written as text
   */
  @Override
  public void logHyperparams(Map<String, ?> hyperparams) {
    logHyperparams(hyperparams, defaultHpMetric ? Map.of("hp_metric", -1) : Map.of());
  }

  /**
   * Writes hyperparameters and the metrics that TensorBoard shows beside them; nothing if there are
   * no metrics.
   */
  public void logHyperparams(Map<String, ?> hyperparams, Map<String, ?> metrics) {
    if (metrics.isEmpty()) {
      return;
    }
    logMetrics(metrics, 0);
    Map<String, Object> flat = new LinkedHashMap<>();
    flatten("", hyperparams, flat);
    write(Summaries.experiment(flat, metrics.keySet()), 0);
    write(Summaries.sessionStart(flat), 0);
    write(Summaries.sessionEnd(), 0);
  }

  private static void flatten(String path, Map<?, ?> nested, Map<String, Object> flat) {
    nested.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            flatten(path + key + "/", map, flat);
          } else if (value instanceof Number || value instanceof Boolean) {
            flat.put(path + key, value);
          } else {
            flat.put(path + key, String.valueOf(value));
          }
        });
  }

  private void write(ProtobufWriter summary, long step) {
    if (writer == null) {
      EventSink sink = new EventSink(directory.storage(), this::folder);
      writer =
          new BatchedWriter<>(
              directory.root(), sink, BatchedWriter.Limits.of(FIRST_FLUSH, interval));
    }
    writer.add(EventRecord.ofSummary(summary, step));
  }

  @Override
  public void save() {
    if (writer != null) {
      writer.flush();
    }
  }

  @Override
  public void close() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  /** Builds a {@link TensorBoardLogger}. */
  public static final class Builder {
    private final String rootDir;
    private String name = LogDirectory.DEFAULT_NAME;
    private String version;
    private String subDir = "";
    private String prefix = "";
    private boolean defaultHpMetric = true;
    private Duration interval = LogDirectory.FLUSH_INTERVAL;

    private Builder(String rootDir) {
      this.rootDir = requireNonNull(rootDir, "rootDir is null");
    }

    /** Sets the experiment's name; default {@code lightning_logs}, empty for no directory. */
    public Builder name(String name) {
      this.name = requireNonNull(name, "name is null");
      return this;
    }

    /** Writes to {@code version_N}; default is the first number above the existing ones. */
    public Builder version(int version) {
      return version("version_" + version);
    }

    /** Writes to a directory of this name. */
    public Builder version(String version) {
      this.version = requireNonNull(version, "version is null");
      return this;
    }

    /** Writes to a directory inside that of the version; default none. */
    public Builder subDir(String subDir) {
      this.subDir = requireNonNull(subDir, "subDir is null");
      return this;
    }

    /** Puts {@code prefix-} before each metric's name; default none. */
    public Builder prefix(String prefix) {
      this.prefix = requireNonNull(prefix, "prefix is null");
      return this;
    }

    /** Writes no {@code hp_metric} with hyperparameters that come without metrics. */
    public Builder withoutDefaultHpMetric() {
      defaultHpMetric = false;
      return this;
    }

    /** Sets how often what was logged is written for TensorBoard to see; default 30 s. */
    public Builder flushEvery(Duration interval) {
      this.interval = LogDirectory.checkedInterval(interval);
      return this;
    }

    /** Returns the logger; no file is touched. */
    public TensorBoardLogger build() {
      return new TensorBoardLogger(this);
    }
  }
}

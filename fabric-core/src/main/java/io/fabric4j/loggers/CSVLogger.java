package io.fabric4j.loggers;

import static java.util.Objects.requireNonNull;

import io.fabric4j.internal.loggers.BatchedWriter;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes metrics to {@code rootDir/name/version_N/metrics.csv}: a column for each metric and for
 * {@code step}, sorted by name, and a row for each call. On Spark the directory may be on any file
 * system of Hadoop.
 *
 * <p>A thread writes every 100 steps ({@link Builder#flushLogsEveryNSteps}) and every 30 s ({@link
 * Builder#flushEvery}). Elsewhere than on local file systems only time counts, the file is replaced
 * as a whole, and after long the times come further apart, by a hundredth of the time so far.
 *
 * <p>Storage that fails or hangs does not end or slow a training: there is a warning, and what was
 * logged is written when that is possible.
 */
public final class CSVLogger implements Logger {
  private static final long serialVersionUID = 1L;

  private final LogDirectory directory;
  private final String prefix;
  private final int flushLogsEveryNSteps;
  private final Duration interval;
  private final boolean appending;
  private transient BatchedWriter<Map<String, String>> writer;
  private transient boolean countsSteps;
  private long rows;

  private CSVLogger(Builder builder) {
    directory = new LogDirectory(builder.rootDir, builder.name, builder.version);
    prefix = builder.prefix.isEmpty() ? "" : builder.prefix + "-";
    flushLogsEveryNSteps = builder.flushLogsEveryNSteps;
    interval = builder.interval;
    appending = builder.appending;
  }

  /**
   * Returns a builder.
   *
   * @param rootDir directory of all experiments
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
    return LogDirectory.unchecked(directory::path);
  }

  @Override
  public void useStorage(LogStorage storage) {
    directory.useStorage(storage);
  }

  /**
   * Writes metrics of the next step: the number of rows so far, counted over the whole run. In
   * Lightning that count restarts whenever rows are flushed.
   */
  public void logMetrics(Map<String, ?> metrics) {
    logMetrics(metrics, rows);
  }

  @Override
  public void logMetrics(Map<String, ?> metrics, long step) {
    Map<String, String> row = new TreeMap<>();
    metrics.forEach((key, value) -> row.put(prefix + key, String.valueOf(value)));
    row.put("step", Long.toString(step));
    writer().add(row);
    rows++;
    if (countsSteps && (step + 1) % flushLogsEveryNSteps == 0) {
      writer.requestFlush();
    }
  }

  private BatchedWriter<Map<String, String>> writer() {
    if (writer == null) {
      writer =
          new BatchedWriter<>(
              directory.root(),
              new CSVSink(directory, appending || rows > 0),
              BatchedWriter.Limits.of(interval, interval));
      countsSteps = directory.isLocal();
    }
    return writer;
  }

  @Override
  public void logHyperparams(Map<String, ?> hyperparams) {
    throw new UnsupportedOperationException(
        "The CSVLogger does not support logging hyperparameters: a table of metrics has no place"
            + " for them. Use a TensorBoardLogger.");
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

  /** Builds a {@link CSVLogger}. */
  public static final class Builder {
    private final String rootDir;
    private String name = LogDirectory.DEFAULT_NAME;
    private String version;
    private String prefix = "";
    private int flushLogsEveryNSteps = 100;
    private Duration interval = LogDirectory.FLUSH_INTERVAL;
    private boolean appending;

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

    /** Puts {@code prefix-} before each metric's name; default none. */
    public Builder prefix(String prefix) {
      this.prefix = requireNonNull(prefix, "prefix is null");
      return this;
    }

    /** Sets after how many steps rows are written to local files; default 100. */
    public Builder flushLogsEveryNSteps(int steps) {
      if (steps < 1) {
        throw new IllegalArgumentException(
            "flushLogsEveryNSteps is " + steps + ". Rows are written every 1 or more steps.");
      }
      flushLogsEveryNSteps = steps;
      return this;
    }

    /** Sets how often rows are written whatever their steps; default 30 s. */
    public Builder flushEvery(Duration interval) {
      this.interval = LogDirectory.checkedInterval(interval);
      return this;
    }

    /**
     * Keeps the rows of a version that is used again, such as that of a resumed run; otherwise its
     * file is replaced, as in Lightning.
     */
    public Builder appending() {
      appending = true;
      return this;
    }

    /** Returns the logger; no file is touched. */
    public CSVLogger build() {
      return new CSVLogger(this);
    }
  }
}

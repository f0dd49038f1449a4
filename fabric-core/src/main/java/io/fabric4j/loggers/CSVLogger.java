package io.fabric4j.loggers;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes metrics to {@code rootDir/name/version_N/metrics.csv}: a column for each metric and for
 * {@code step}, sorted by name, and a row for each call.
 */
public final class CSVLogger implements Logger {
  private static final long serialVersionUID = 1L;

  private final LogDirectory directory;
  private final String prefix;
  private final int flushLogsEveryNSteps;
  private transient CSVTable table;
  private long rows;

  private CSVLogger(Builder builder) {
    directory = new LogDirectory(builder.rootDir, builder.name, builder.version);
    prefix = builder.prefix.isEmpty() ? "" : builder.prefix + "-";
    flushLogsEveryNSteps = builder.flushLogsEveryNSteps;
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
    return directory.version();
  }

  @Override
  public Path rootDir() {
    return directory.root();
  }

  @Override
  public Path logDir() {
    return directory.path();
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
    table().add(row);
    rows++;
    if ((step + 1) % flushLogsEveryNSteps == 0) {
      save();
    }
  }

  private CSVTable table() {
    if (table == null) {
      table = new CSVTable(logDir());
    }
    return table;
  }

  @Override
  public void logHyperparams(Map<String, ?> hyperparams) {
    throw new UnsupportedOperationException(
        "The CSVLogger does not support logging hyperparameters: a table of metrics has no place"
            + " for them. Use a TensorBoardLogger.");
  }

  @Override
  public void save() {
    if (table != null) {
      table.save();
    }
  }

  @Override
  public void close() {
    save();
  }

  /** Builds a {@link CSVLogger}. */
  public static final class Builder {
    private final String rootDir;
    private String name = LogDirectory.DEFAULT_NAME;
    private String version;
    private String prefix = "";
    private int flushLogsEveryNSteps = 100;

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

    /** Sets after how many steps rows are written; default 100. */
    public Builder flushLogsEveryNSteps(int steps) {
      if (steps < 1) {
        throw new IllegalArgumentException(
            "flushLogsEveryNSteps is " + steps + ". Rows are written every 1 or more steps.");
      }
      flushLogsEveryNSteps = steps;
      return this;
    }

    /** Returns the logger; no file is touched. */
    public CSVLogger build() {
      return new CSVLogger(this);
    }
  }
}

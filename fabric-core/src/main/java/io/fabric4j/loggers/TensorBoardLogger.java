package io.fabric4j.loggers;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes scalars and hyperparameters to TensorBoard event files in {@code rootDir/name/version_N},
 * without any of TensorFlow's code.
 */
public final class TensorBoardLogger implements Logger {
  private static final long serialVersionUID = 1L;

  private final LogDirectory directory;
  private final String subDir;
  private final String prefix;
  private final boolean defaultHpMetric;
  private transient EventFile file;

  private TensorBoardLogger(Builder builder) {
    directory =
        new LogDirectory(LogDirectory.expand(builder.rootDir), builder.name, builder.version);
    subDir = LogDirectory.expand(builder.subDir);
    prefix = builder.prefix.isEmpty() ? "" : builder.prefix + "-";
    defaultHpMetric = builder.defaultHpMetric;
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
    return directory.version();
  }

  @Override
  public Path rootDir() {
    return directory.root();
  }

  @Override
  public Path logDir() {
    return directory.path().resolve(subDir);
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
    scalars.forEach((tag, value) -> file().writeSummary(Summaries.scalar(tag, value), step));
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
    file().writeSummary(Summaries.experiment(flat, metrics.keySet()), 0);
    file().writeSummary(Summaries.sessionStart(flat), 0);
    file().writeSummary(Summaries.sessionEnd(), 0);
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

  private EventFile file() {
    if (file == null) {
      file = new EventFile(logDir());
    }
    return file;
  }

  @Override
  public void save() {
    if (file != null) {
      file.flush();
    }
  }

  @Override
  public void close() {
    if (file != null) {
      file.close();
      file = null;
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

    /** Returns the logger; no file is touched. */
    public TensorBoardLogger build() {
      return new TensorBoardLogger(this);
    }
  }
}

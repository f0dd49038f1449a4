package io.fabric4j.spark.loggers;

import static java.util.Objects.requireNonNull;

import io.fabric4j.internal.loggers.BatchedWriter;
import io.fabric4j.loggers.Logger;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes metrics, hyperparameters, tags and the status of a run to an MLflow tracking server, with
 * MLflow's Java client, which is not in the {@code -all} jar: add {@code
 * org.mlflow:mlflow-client:2.17.2} with {@code --packages}. The client takes credentials from
 * {@code MLFLOW_TRACKING_USERNAME}, {@code MLFLOW_TRACKING_PASSWORD} and {@code
 * MLFLOW_TRACKING_TOKEN} of rank 0's executor.
 *
 * <p>A thread creates the run when something is logged, and sends batches every 5 s ({@link
 * Builder#flushEvery}). A server that is out of reach does not end or slow a training: there is a
 * warning, and what was logged is sent when that is possible. What the server refuses as invalid is
 * left out, with a warning.
 */
public final class MLflowLogger implements Logger {
  private static final long serialVersionUID = 1L;
  private static final Duration FIRST_FLUSH = Duration.ofSeconds(1);

  private final MLflowRun run;
  private final String prefix;
  private final Duration interval;
  private transient MLflowSink sink;
  private transient BatchedWriter<MLflowSink.Entry> writer;

  private MLflowLogger(Builder builder) {
    run =
        new MLflowRun(
            builder.trackingUri,
            builder.experiment,
            builder.runName,
            new TreeMap<>(builder.tags),
            builder.resuming);
    prefix = builder.prefix.isEmpty() ? "" : builder.prefix + "-";
    interval = builder.interval;
  }

  /**
   * Returns a builder.
   *
   * @param trackingUri address of the server, such as {@code http://host:5000}, that rank 0's
   *     executor reaches
   */
  public static Builder builder(String trackingUri) {
    return new Builder(trackingUri);
  }

  /** Returns the name of the experiment. */
  @Override
  public String name() {
    return run.experiment();
  }

  /** Returns MLflow's id of the run, empty until the server has answered. */
  @Override
  public String version() {
    return sink == null ? "" : sink.runId();
  }

  /** Returns the address of the server. */
  @Override
  public String rootDir() {
    return run.trackingUri();
  }

  /** Returns the address of the server. */
  @Override
  public String logDir() {
    return run.trackingUri();
  }

  /**
   * Sends metrics of a step.
   *
   * @param metrics numbers, or maps of numbers, which become keys {@code name/key}
   * @throws IllegalArgumentException if a value is something else
   */
  @Override
  public void logMetrics(Map<String, ?> metrics, long step) {
    metrics.forEach((name, value) -> add(prefix + name, value, step));
  }

  private void add(String key, Object value, long step) {
    if (value instanceof Number number) {
      long time = System.currentTimeMillis();
      writer().add(new MLflowSink.Metric(key, number.doubleValue(), step, time));
    } else if (value instanceof Map<?, ?> map) {
      map.forEach((name, each) -> add(key + groupSeparator() + name, each, step));
    } else {
      throw new IllegalArgumentException(
          "Cannot log "
              + key
              + "="
              + value
              + ": it is neither a number nor a map of numbers. Pass a number, for example"
              + " array.getFloat().");
    }
  }

  /**
   * Sends hyperparameters, which MLflow calls parameters.
   *
   * @param hyperparams nested maps become {@code outer/inner}; values are sent as text of up to
   *     6,000 characters
   */
  @Override
  public void logHyperparams(Map<String, ?> hyperparams) {
    addParams("", hyperparams);
  }

  private void addParams(String path, Map<?, ?> nested) {
    nested.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            addParams(path + key + groupSeparator(), map);
          } else {
            writer().add(new MLflowSink.Param(path + key, String.valueOf(value)));
          }
        });
  }

  private BatchedWriter<MLflowSink.Entry> writer() {
    if (writer == null) {
      sink = new MLflowSink(run);
      writer =
          new BatchedWriter<>(
              run.trackingUri(), sink, BatchedWriter.Limits.of(FIRST_FLUSH, interval));
    }
    return writer;
  }

  @Override
  public void save() {
    if (writer != null) {
      writer.flush();
    }
  }

  @Override
  public void trainingFailed() {
    if (sink != null) {
      sink.trainingFailed();
    }
  }

  /** Sends what is left and sets the run's status, FINISHED or FAILED; waits at most 30 s. */
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
  }

  /** Builds an {@link MLflowLogger}. */
  public static final class Builder {
    private final String trackingUri;
    private final Map<String, String> tags = new TreeMap<>();
    private String experiment = "Default";
    private String runName = "";
    private String prefix = "";
    private boolean resuming;
    private Duration interval = Duration.ofSeconds(5);

    private Builder(String trackingUri) {
      this.trackingUri = requireNonNull(trackingUri, "trackingUri is null");
    }

    /** Sets the experiment's name, which is created if need be; default {@code Default}. */
    public Builder experiment(String name) {
      experiment = requireNonNull(name, "name is null");
      return this;
    }

    /** Sets the run's name; otherwise the server makes one up. */
    public Builder runName(String name) {
      runName = requireNonNull(name, "name is null");
      return this;
    }

    /** Goes on with the experiment's newest run of {@link #runName}, if there is one. */
    public Builder resuming() {
      resuming = true;
      return this;
    }

    /** Adds a tag of the run. */
    public Builder tag(String key, String value) {
      tags.put(requireNonNull(key, "key is null"), requireNonNull(value, "value is null"));
      return this;
    }

    /** Puts {@code prefix-} before each metric's name; default none. */
    public Builder prefix(String prefix) {
      this.prefix = requireNonNull(prefix, "prefix is null");
      return this;
    }

    /** Sets how often what was logged is sent; default 5 s. */
    public Builder flushEvery(Duration interval) {
      if (interval.isNegative() || interval.isZero()) {
        throw new IllegalArgumentException(
            "The flush interval is " + interval + ". Use a duration above zero.");
      }
      this.interval = interval;
      return this;
    }

    /**
     * Returns the logger; the server is not asked yet.
     *
     * @throws IllegalStateException if MLflow's client is not on the class path, or a run without a
     *     name should be resumed
     */
    public MLflowLogger build() {
      if (resuming && runName.isEmpty()) {
        throw new IllegalStateException(
            "A run without a name cannot be found again. Set runName, or leave out resuming.");
      }
      MLflowSink.requireClient(getClass().getClassLoader());
      return new MLflowLogger(this);
    }
  }
}

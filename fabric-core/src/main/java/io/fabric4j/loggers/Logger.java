package io.fabric4j.loggers;

import java.io.Serializable;
import java.util.Map;

/**
 * Writes metrics and hyperparameters. Every rank has a copy; only rank 0's is ever called, so a
 * logger opens files when it is first called, not when it is built. Not thread-safe.
 */
public interface Logger extends Serializable, AutoCloseable {

  /** Returns the name of the experiment. */
  String name();

  /** Returns the name of the run's directory, {@code version_N} unless one was chosen. */
  String version();

  /** Returns the directory of all experiments. */
  String rootDir();

  /** Returns the directory of this run. */
  String logDir();

  /**
   * Sets where files go, before anything is logged. Spark's launcher calls it on the driver with a
   * storage that reaches Hadoop's file systems; otherwise files are local.
   */
  default void useStorage(LogStorage storage) {}

  /** Returns what joins groups and names in metrics, {@code "/"}. */
  default String groupSeparator() {
    return "/";
  }

  /**
   * Writes metrics of a step.
   *
   * @param metrics numbers by name
   * @throws IllegalArgumentException if a value is of a type that the logger cannot write
   */
  void logMetrics(Map<String, ?> metrics, long step);

  /**
   * Writes the settings of the run.
   *
   * @throws UnsupportedOperationException if the logger has no place for them
   */
  void logHyperparams(Map<String, ?> hyperparams);

  /** Writes what is buffered. Storage that fails or hangs does not end or hold up the training. */
  void save();

  /** Notes that the launched function has thrown on this rank; {@link #close} follows. */
  default void trainingFailed() {}

  /** Saves and closes files; does nothing if nothing was logged. */
  @Override
  void close();
}

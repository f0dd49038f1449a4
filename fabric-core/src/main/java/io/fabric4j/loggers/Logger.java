package io.fabric4j.loggers;

import java.io.Serializable;
import java.nio.file.Path;
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
  Path rootDir();

  /** Returns the directory of this run. */
  Path logDir();

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

  /** Writes what is buffered. */
  void save();

  /** Saves and closes files; does nothing if nothing was logged. */
  @Override
  void close();
}

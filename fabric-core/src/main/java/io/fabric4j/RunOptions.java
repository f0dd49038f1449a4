package io.fabric4j;

import java.io.Serializable;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/**
 * Where the checkpoints of a run go, how often, and which are kept; see {@link Fabric#resume}.
 *
 * <pre>{@code
 * RunOptions.of("hdfs:///runs", "mnist-7").everySteps(500).keepLast(3).keepBest(1, "accuracy", "max")
 * }</pre>
 *
 * @param directory folder of runs, which the ranks' {@link io.fabric4j.checkpoint.CheckpointIO}
 *     reaches from every host
 * @param id name of the run and of its folder; the same one resumes it; empty if the launcher names
 *     the run
 * @param everySteps steps between checkpoints within an epoch; 0 for none
 * @param everyEpochs epochs between checkpoints; the last epoch always ends with one
 * @param retention which checkpoints are kept
 * @param exactResume what to do if the resumed run cannot be exact
 * @param ownerTimeout how long another application that owns the run must be silent
 * @param writer who writes; null for this process
 */
public record RunOptions(
    String directory,
    String id,
    int everySteps,
    int everyEpochs,
    Retention retention,
    ExactResume exactResume,
    Duration ownerTimeout,
    RunWriter writer)
    implements Serializable {

  /** What {@link Fabric#resume} does if rows come in another order, or to other ranks. */
  public enum ExactResume {
    /** Goes on and warns that the numbers will differ. */
    WARN,
    /** Fails before anything is restored. */
    REQUIRE
  }

  /**
   * Which checkpoints are kept.
   *
   * @param last the newest ones, at least 1
   * @param best those with the best values of a metric
   * @param metric name of the metric, as in {@link FabricRun#metric}
   * @param larger whether larger values are better
   */
  public record Retention(int last, int best, String metric, boolean larger)
      implements Serializable {

    public Retention {
      Objects.requireNonNull(metric, "metric is null");
      if (last < 1) {
        throw new IllegalArgumentException(
            "keepLast is " + last + ", but the newest checkpoint has to stay. Use 1 or more.");
      }
      if (best < 0 || (best > 0 && metric.isEmpty())) {
        throw new IllegalArgumentException(
            "keepBest is %d of the metric '%s'. Use 0 or more, and name a metric."
                .formatted(best, metric));
      }
    }
  }

  public RunOptions {
    Objects.requireNonNull(retention, "retention is null");
    Objects.requireNonNull(exactResume, "exactResume is null");
    if (directory.isBlank()) {
      throw new IllegalArgumentException("The directory of a run is blank. Name a folder.");
    }
    if (!id.isEmpty()) {
      requireName(id);
    }
    if (everySteps < 0 || everyEpochs < 1) {
      throw new IllegalArgumentException(
          "Checkpoints are asked for every %d steps and %d epochs. Use 0 or more steps (0 for none"
                  .formatted(everySteps, everyEpochs)
              + " within an epoch) and 1 or more epochs.");
    }
    if (ownerTimeout.isNegative() || ownerTimeout.isZero()) {
      throw new IllegalArgumentException(
          "ownerTimeout is " + ownerTimeout + ". Use a duration above zero.");
    }
  }

  private static void requireName(String id) {
    if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,199}")) {
      throw new IllegalArgumentException(
          "The run id is '"
              + id
              + "', but it names a folder. Use up to 200 letters, digits, dots, dashes and"
              + " underscores, the first a letter or digit.");
    }
  }

  /** Returns a checkpoint after each epoch, of which the last 3 are kept. */
  public static RunOptions of(String directory, String id) {
    requireName(id);
    return unnamed(directory).named(id);
  }

  /** Returns the same for a launcher that names each run, so that it resumes only by retries. */
  public static RunOptions unnamed(String directory) {
    return new RunOptions(
        directory,
        "",
        0,
        1,
        new Retention(3, 0, "", true),
        ExactResume.WARN,
        Duration.ofSeconds(60),
        null);
  }

  /** Sets the run's id. */
  public RunOptions named(String value) {
    return new RunOptions(
        directory, value, everySteps, everyEpochs, retention, exactResume, ownerTimeout, writer);
  }

  /** Adds checkpoints within an epoch. */
  public RunOptions everySteps(int steps) {
    return new RunOptions(
        directory, id, steps, everyEpochs, retention, exactResume, ownerTimeout, writer);
  }

  /** Leaves checkpoints after some epochs out. */
  public RunOptions everyEpochs(int epochs) {
    return new RunOptions(
        directory, id, everySteps, epochs, retention, exactResume, ownerTimeout, writer);
  }

  /** Keeps the newest checkpoints; an older one is deleted when a newer one is complete. */
  public RunOptions keepLast(int count) {
    return with(new Retention(count, retention.best, retention.metric, retention.larger));
  }

  /**
   * Keeps the checkpoints with the best values of a metric too.
   *
   * @param metric as passed to {@link FabricRun#metric}
   * @param mode {@code max} if larger values are better, {@code min} if smaller ones are
   * @throws IllegalArgumentException if the mode is another
   */
  public RunOptions keepBest(int count, String metric, String mode) {
    if (!mode.equals("max") && !mode.equals("min")) {
      throw new IllegalArgumentException(
          "The mode of the metric '" + metric + "' is '" + mode + "'. Use max or min.");
    }
    return with(new Retention(retention.last, count, metric, mode.equals("max")));
  }

  private RunOptions with(Retention value) {
    return new RunOptions(
        directory, id, everySteps, everyEpochs, value, exactResume, ownerTimeout, writer);
  }

  /**
   * Chooses what happens if the resumed run cannot be exact: {@code warn}, the default, or {@code
   * require}, which fails.
   *
   * @throws IllegalArgumentException if the name is another
   */
  public RunOptions exactResume(String name) {
    ExactResume value =
        Arrays.stream(ExactResume.values())
            .filter(choice -> choice.name().toLowerCase(Locale.ROOT).equals(name))
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "exactResume is '" + name + "'. Use warn or require."));
    return new RunOptions(
        directory, id, everySteps, everyEpochs, retention, value, ownerTimeout, writer);
  }

  /** Sets how long another application that owns the run must be silent; 60 s by default. */
  public RunOptions ownerTimeout(Duration timeout) {
    return new RunOptions(
        directory, id, everySteps, everyEpochs, retention, exactResume, timeout, writer);
  }

  /** Sets who writes; launchers do. */
  public RunOptions writtenBy(RunWriter value) {
    return new RunOptions(
        directory, id, everySteps, everyEpochs, retention, exactResume, ownerTimeout, value);
  }

  /** Returns the path of the run's folder; the directory as long as the run has no id. */
  public String folder() {
    String parent = directory.endsWith("/") ? directory : directory + "/";
    return id.isEmpty() ? directory : parent + id;
  }
}

package io.fabric4j;

import java.io.Serializable;
import java.time.Instant;
import java.util.Objects;

/**
 * Who writes the checkpoints of a run. Of one application the later launch, and of one launch the
 * later attempt, takes a run over at once.
 *
 * @param application the same for all launches of a driver; on Spark the application's id
 * @param launch when the launch started, in milliseconds since 1970 by the driver's clock
 * @param attempt how often the launch had failed before; on Spark the stage's attempt number
 */
public record RunWriter(String application, long launch, int attempt) implements Serializable {

  public RunWriter {
    Objects.requireNonNull(application, "application is null");
  }

  /** Returns a writer for a launch by this process. */
  static RunWriter ofThisProcess() {
    ProcessHandle process = ProcessHandle.current();
    long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return new RunWriter(
        "process " + process.pid() + " started " + start, System.currentTimeMillis(), 0);
  }

  /** Returns whether this writer belongs to the other's application and came after it. */
  public boolean supersedes(RunWriter other) {
    return isOfApplication(other)
        && (launch > other.launch || (launch == other.launch && attempt > other.attempt));
  }

  /** Returns whether this writer belongs to the other's application. */
  public boolean isOfApplication(RunWriter other) {
    return application.equals(other.application);
  }

  @Override
  public String toString() {
    return "%s (launched %s, attempt %d)"
        .formatted(application, Instant.ofEpochMilli(launch), attempt);
  }
}

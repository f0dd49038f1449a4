package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabricOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaFutureAction;

/** Waits for the job of a launch and turns its failure into one exception. */
final class JobWait {
  private static final long POLL_MILLIS = 50;

  /** How long a launch waits for its ranks to end, and for Spark to tell so. */
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private final JavaFutureAction<List<byte[]>> job;
  private final JobScope scope;
  private final LaunchMonitor monitor;
  private final Duration startTimeout;
  private final Duration reportDelay;

  /**
   * Prepares to wait.
   *
   * @param reportDelay how late a rank's report may arrive
   */
  JobWait(
      JavaFutureAction<List<byte[]>> job,
      JobScope scope,
      LaunchMonitor monitor,
      Duration startTimeout,
      Duration reportDelay) {
    this.job = job;
    this.scope = scope;
    this.monitor = monitor;
    this.startTimeout = startTimeout;
    this.reportDelay = reportDelay;
  }

  /**
   * Returns rank 0's serialized result.
   *
   * @throws FabricException if the job fails, is cancelled, or does not start
   */
  byte[] result() {
    try {
      byte[] result = poll();
      monitor.awaitEnd(END_LIMIT); // prints the last lines
      return result;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FabricException("The launch was interrupted, and its ranks are cancelled.", e);
    }
  }

  /** This thread is the watchdog itself, so no deadline depends on Spark. */
  private byte[] poll() throws InterruptedException {
    while (true) {
      try {
        return job.get(POLL_MILLIS, TimeUnit.MILLISECONDS).get(0);
      } catch (TimeoutException e) {
        monitor.tick();
        if (monitor.fatalFailure().isPresent()) {
          throw failure(null);
        }
        Optional<String> standstill = monitor.standstill(startTimeout, reportDelay);
        if (standstill.isPresent()) {
          throw notStarted(standstill.get());
        }
      } catch (ExecutionException | CancellationException e) {
        throw failure(e.getCause());
      }
    }
  }

  private FabricException notStarted(String standstill) {
    scope.cancel();
    return new FabricException(
        "The launch stood still for "
            + startTimeout.toSeconds()
            + " s and was cancelled: "
            + standstill
            + ", or raise "
            + SparkFabricOptions.START_TIMEOUT
            + ".");
  }

  /** Ends all ranks first: the last one to fail may be the one that explains the others. */
  private FabricException failure(Throwable jobFailure) throws InterruptedException {
    scope.cancel();
    monitor.awaitEnd(END_LIMIT);
    String summary = firstLine(jobFailure);
    RankFailure.Kind least =
        summary.contains("cancelled") ? RankFailure.Kind.LOST : RankFailure.Kind.PEER;
    Optional<RankFailure> failure =
        monitor.failure().filter(rank -> rank.kind().compareTo(least) >= 0);
    if (failure.isEmpty()) {
      return new FabricException("The launch did not complete: " + summary, jobFailure);
    }
    return failure.get().toException(jobFailure);
  }

  private static String firstLine(Throwable failure) {
    String message = failure == null ? null : failure.getMessage();
    return message == null ? "" : message.lines().findFirst().orElse("");
  }
}

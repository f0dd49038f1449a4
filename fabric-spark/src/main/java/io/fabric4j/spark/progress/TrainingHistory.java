package io.fabric4j.spark.progress;

import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the driver knows of a launch at a moment. It travels with the executors' heartbeats
 * (spark.executor.heartbeatInterval, 10 s by default), so a running launch is some seconds ahead.
 *
 * @param runId of the launch, unique within the cluster
 * @param worldSize number of ranks
 * @param attempt of the stage of the ranks, from 0, -1 before it starts
 * @param started when launch was called
 * @param updated when the last report came
 * @param epochs in order of attempts and loops; the last 1,000
 * @param metrics in order of attempts and steps; the last ones, of up to 500,000 values in all
 * @param droppedSteps steps that were logged faster than heartbeats could carry, or are over the
 *     limit
 * @param hosts by rank, as far as ranks have started
 */
public record TrainingHistory(
    String runId,
    State state,
    int worldSize,
    int attempt,
    Instant started,
    Instant updated,
    List<EpochSummary> epochs,
    List<MetricPoint> metrics,
    long droppedSteps,
    Map<Integer, String> hosts)
    implements Serializable {

  /** Where a launch stands. */
  public enum State {
    /** Its ranks start or run. */
    RUNNING,
    /** It has returned a result. */
    SUCCEEDED,
    /** It has thrown an exception. */
    FAILED
  }

  /** Returns the epoch that runs or ran last. */
  public Optional<EpochSummary> lastEpoch() {
    return epochs.isEmpty() ? Optional.empty() : Optional.of(epochs.get(epochs.size() - 1));
  }

  /** Returns the points of one metric, in order of attempts and steps. */
  public List<MetricPoint> metric(String name) {
    return metrics.stream().filter(point -> point.values().containsKey(name)).toList();
  }
}

package io.fabric4j.spark.internal.launch;

import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.spark.internal.live.SavedCheckpoint;
import io.fabric4j.spark.progress.MetricPoint;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the driver knows of one rank. A later report replaces an earlier one. It travels with every
 * heartbeat, so all in it is bounded.
 *
 * @param attempt stage attempt, from 0
 * @param rank the rank
 * @param phase what it is doing
 * @param rows input rows it has read
 * @param lines what the rank printed last
 * @param metrics what it logged last, a point per step
 * @param epochs its last training loops
 * @param log last lines of its log
 * @param live what else is shown while it runs
 */
record RankReport(
    int attempt,
    int rank,
    Phase phase,
    long rows,
    Tail<String> lines,
    MetricTail metrics,
    Tail<Loop> epochs,
    Tail<String> log,
    Live live)
    implements Serializable {

  static final int MAX_LINES = 2048;
  static final int MAX_EPOCHS = 64;
  static final int MAX_LOG = 20;
  static final int MAX_NAMES = 256;
  static final int MAX_SAMPLES = 64;
  static final int MAX_CHECKPOINTS = 16;

  private static final int MAX_LENGTH = 8192;

  /** The way of a rank through a launch. */
  enum Phase {
    READING("reading its input"),
    MEETING("waiting for the other ranks"),
    RUNNING("running");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /**
   * A training loop.
   *
   * @param metrics logged since its first backward, of a name the last value; the first names
   */
  record Loop(EpochProgress progress, Map<String, Double> metrics) implements Serializable {}

  /**
   * What the live view shows of a rank.
   *
   * @param samples of its training, about one per second
   * @param checkpoints that it wrote last
   * @param explanation of its settings, on rank 0; empty before it trains
   */
  record Live(Tail<RankSample> samples, Tail<SavedCheckpoint> checkpoints, String explanation)
      implements Serializable {
    static final Live EMPTY = new Live(Tail.empty(), Tail.empty(), "");
  }

  static RankReport start(int attempt, int rank) {
    return new RankReport(
        attempt,
        rank,
        Phase.READING,
        0,
        Tail.empty(),
        MetricTail.EMPTY,
        Tail.empty(),
        Tail.empty(),
        Live.EMPTY);
  }

  RankReport withPhase(Phase value) {
    return new RankReport(attempt, rank, value, rows, lines, metrics, epochs, log, live);
  }

  RankReport withRows(long value) {
    return new RankReport(attempt, rank, phase, value, lines, metrics, epochs, log, live);
  }

  RankReport withLine(String line) {
    Tail<String> more = lines.with(shorten(line), MAX_LINES);
    return new RankReport(attempt, rank, phase, rows, more, metrics, epochs, log, live);
  }

  RankReport withLog(String line) {
    Tail<String> more = log.with(shorten(line), MAX_LOG);
    return new RankReport(attempt, rank, phase, rows, lines, metrics, epochs, more, live);
  }

  RankReport withSample(RankSample sample) {
    Tail<RankSample> more = live.samples.with(sample, MAX_SAMPLES);
    return withLive(new Live(more, live.checkpoints, live.explanation));
  }

  RankReport withCheckpoint(SavedCheckpoint saved) {
    Tail<SavedCheckpoint> more = live.checkpoints.with(saved, MAX_CHECKPOINTS);
    return withLive(new Live(live.samples, more, live.explanation));
  }

  RankReport withExplanation(String text) {
    return withLive(new Live(live.samples, live.checkpoints, shorten(text)));
  }

  private RankReport withLive(Live value) {
    return new RankReport(attempt, rank, phase, rows, lines, metrics, epochs, log, value);
  }

  private static String shorten(String line) {
    return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + "...";
  }

  /** Adds what was logged for a step, also to the metrics of the last loop. */
  RankReport withMetrics(MetricPoint point) {
    return new RankReport(
        attempt,
        rank,
        phase,
        rows,
        lines,
        metrics.with(point),
        epochs.isEmpty() ? epochs : epochs.withLast(withMetrics(epochs.last(), point)),
        log,
        live);
  }

  private static Loop withMetrics(Loop loop, MetricPoint point) {
    Map<String, Double> all = new LinkedHashMap<>(loop.metrics);
    point
        .values()
        .forEach(
            (name, value) -> {
              if (all.size() < MAX_NAMES || all.containsKey(name)) {
                all.put(name, value);
              }
            });
    return new Loop(loop.progress, all);
  }

  /** Replaces what is known of the same loop. */
  RankReport withEpoch(EpochProgress progress) {
    boolean same = !epochs.isEmpty() && epochs.last().progress.loop() == progress.loop();
    Tail<Loop> more =
        same
            ? epochs.withLast(new Loop(progress, epochs.last().metrics))
            : epochs.with(new Loop(progress, Map.of()), MAX_EPOCHS);
    return new RankReport(attempt, rank, phase, rows, lines, metrics, more, log, live);
  }

  /** Shown in Spark's UI. */
  @Override
  public String toString() {
    return "rank " + rank + " " + (lines.isEmpty() ? phase : lines.last());
  }
}

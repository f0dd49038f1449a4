package io.fabric4j.spark.internal.launch;

import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.spark.progress.EpochSummary;
import io.fabric4j.spark.progress.MetricPoint;
import io.fabric4j.spark.progress.ProgressListener;
import io.fabric4j.spark.progress.TrainingHistory;
import io.fabric4j.spark.progress.TrainingHistory.State;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects the reports of a launch on the driver and tells listeners what they add up to. */
final class HistoryRecorder {
  static final int MAX_EPOCHS = 1000;
  static final int MAX_VALUES = 500_000;

  private static final Logger LOGGER = LoggerFactory.getLogger(HistoryRecorder.class);

  private final String runId;
  private final int ranks;
  private final List<ProgressListener> listeners;
  private final Instant started = Instant.now();
  private final TreeMap<Key, EpochSummary> epochs = new TreeMap<>();
  private final TreeMap<Key, MetricPoint> metrics = new TreeMap<>();
  private final Map<Integer, String> hosts = new TreeMap<>();
  private Instant updated = started;
  private State state = State.RUNNING;
  private int attempt = -1;
  private long pointsSeen;
  private int values;
  private long dropped;

  /** Place of a loop or a step. */
  private record Key(int attempt, long number) implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
        Comparator.comparingInt(Key::attempt).thenComparingLong(Key::number);

    @Override
    public int compareTo(Key other) {
      return ORDER.compare(this, other);
    }
  }

  HistoryRecorder(String runId, int ranks, List<ProgressListener> listeners) {
    this.runId = runId;
    this.ranks = ranks;
    this.listeners = List.copyOf(listeners);
  }

  synchronized void attempt(int number) {
    attempt = number;
    pointsSeen = 0;
    hosts.clear();
  }

  synchronized void started(int rank, String host) {
    hosts.put(rank, host);
  }

  /** Takes a report of the present attempt. */
  synchronized void accept(RankReport report) {
    report.epochs().items().forEach(loop -> accept(report, loop));
    if (report.rank() == 0) {
      acceptMetrics(report.metrics().points());
    }
    updated = Instant.now();
    tell();
  }

  private void accept(RankReport report, RankReport.Loop loop) {
    EpochProgress progress = loop.progress();
    epochs.merge(
        new Key(report.attempt(), progress.loop()),
        new EpochSummary(report.attempt(), loop.metrics(), Map.of(report.rank(), progress)),
        HistoryRecorder::merge);
    while (epochs.size() > MAX_EPOCHS) {
      epochs.pollFirstEntry();
    }
  }

  private static EpochSummary merge(EpochSummary before, EpochSummary after) {
    Map<Integer, EpochProgress> all = new HashMap<>(before.ranks());
    all.putAll(after.ranks());
    boolean ofRankZero = after.ranks().containsKey(0);
    return new EpochSummary(before.attempt(), ofRankZero ? after.metrics() : before.metrics(), all);
  }

  private void acceptMetrics(Tail<MetricPoint> points) {
    dropped += Math.max(0, points.first() - pointsSeen);
    pointsSeen = points.first() + points.items().size();
    points.items().forEach(this::accept);
    while (values > MAX_VALUES && metrics.size() > 1) {
      values -= metrics.pollFirstEntry().getValue().values().size();
      dropped++;
    }
  }

  private void accept(MetricPoint point) {
    Key key = new Key(point.attempt(), point.step());
    MetricPoint before = metrics.get(key);
    MetricPoint after = before == null ? point : before.with(point);
    metrics.put(key, after);
    values += after.values().size() - (before == null ? 0 : before.values().size());
  }

  /** Tells that the launch has ended. */
  synchronized void end(State result) {
    state = result;
    tell();
  }

  private void tell() {
    TrainingHistory latest = history();
    for (ProgressListener listener : listeners) {
      try {
        listener.onProgress(latest);
      } catch (RuntimeException e) {
        LOGGER.warn("A progress listener failed.", e);
      }
    }
  }

  synchronized TrainingHistory history() {
    return new TrainingHistory(
        runId,
        state,
        ranks,
        attempt,
        started,
        updated,
        List.copyOf(epochs.values()),
        List.copyOf(metrics.values()),
        dropped,
        Map.copyOf(hosts));
  }
}

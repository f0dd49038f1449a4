package io.fabric4j.spark.internal.launch;

import io.fabric4j.spark.internal.live.Curve;
import io.fabric4j.spark.internal.live.Incident;
import io.fabric4j.spark.internal.live.RankNote;
import io.fabric4j.spark.internal.live.RunJournal;
import io.fabric4j.spark.progress.MetricPoint;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Passes on to the journal what is new in reports, which repeat what former ones said. Belongs to
 * the driver.
 */
final class ReportFeed implements RunObserver {
  private final RunJournal journal;
  private final Map<Integer, Seen> seen = new HashMap<>();
  private final Map<Integer, String> hosts = new HashMap<>();
  private MetricPoint lastPoint;

  /** How much of a rank's sequences is passed on. */
  private static final class Seen {
    private long samples;
    private long points;
    private long checkpoints;
    private String explanation = "";
    private RankReport.Phase phase;
  }

  ReportFeed(RunJournal journal) {
    this.journal = journal;
  }

  @Override
  public synchronized void attempt(int number) {
    seen.clear();
    hosts.clear();
    lastPoint = null;
    journal.attempt(number);
  }

  @Override
  public synchronized void started(int rank, String host) {
    hosts.put(rank, host);
    journal.note(new RankNote(rank, host, "starting", 0));
  }

  @Override
  public synchronized void accept(RankReport report) {
    Seen rank = seen.computeIfAbsent(report.rank(), unused -> new Seen());
    note(report, rank);
    RankReport.Live live = report.live();
    rank.samples = each(live.samples(), rank.samples, this::sample);
    rank.checkpoints = each(live.checkpoints(), rank.checkpoints, journal::checkpoint);
    if (report.rank() == 0) {
      points(report.metrics().points(), rank);
      if (!live.explanation().equals(rank.explanation)) {
        rank.explanation = live.explanation();
        journal.explanation(live.explanation());
      }
    }
    journal.flush();
  }

  private void note(RankReport report, Seen rank) {
    if (rank.phase != report.phase() || report.phase() == RankReport.Phase.READING) {
      rank.phase = report.phase();
      String host = hosts.getOrDefault(report.rank(), "");
      journal.note(new RankNote(report.rank(), host, report.phase().toString(), report.rows()));
    }
  }

  private static <T> long each(Tail<T> tail, long seen, Consumer<T> action) {
    List<T> items = tail.items();
    long end = tail.first() + items.size();
    int begin = (int) Math.max(0, seen - tail.first());
    items.subList(Math.min(begin, items.size()), items.size()).forEach(action);
    return Math.max(seen, end);
  }

  private void sample(RankSample sample) {
    journal.interval(sample.interval());
    if (sample.interval().rank() == 0) {
      long time = sample.interval().end();
      for (int group = 0; group < sample.rates().length; group++) {
        point(Curve.Kind.RATE, "group " + group, time, sample.step(), sample.rates()[group]);
      }
      point(Curve.Kind.NORM, "gradient norm", time, sample.step(), sample.norm());
    }
  }

  private void point(Curve.Kind kind, String name, long time, long step, double value) {
    if (!Double.isNaN(value)) {
      journal.point(kind, name, time, step, value);
    }
  }

  /** The last point of a former report may have got more values since. */
  private void points(Tail<MetricPoint> points, Seen rank) {
    long again = Math.max(0, rank.points - 1);
    rank.points = Math.max(rank.points, each(points, again, this::point));
  }

  private void point(MetricPoint point) {
    boolean again = lastPoint != null && lastPoint.step() == point.step();
    Map<String, Double> before = again ? lastPoint.values() : Map.of();
    point
        .values()
        .forEach(
            (name, value) -> {
              if (!value.equals(before.get(name))) {
                long time = point.time().toEpochMilli();
                journal.point(Curve.Kind.METRIC, name, time, point.step(), value);
              }
            });
    lastPoint = point;
  }

  @Override
  public synchronized void failed(RankFailure failure) {
    journal.incident(Incident.Kind.FAILURE, failure.rank(), failure.message());
  }

  @Override
  public void tick() {
    journal.flush();
  }

  @Override
  public void end(Throwable failure) {
    journal.end(failure);
  }
}

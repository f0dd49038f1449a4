package io.fabric4j.spark.internal.launch;

import java.util.function.UnaryOperator;
import org.apache.spark.util.AccumulatorV2;

/**
 * Carries a rank's report to the driver, with each heartbeat of the executor and at the end of the
 * task: the one channel that needs no port of its own. On the driver only its id matters.
 */
final class RankReports extends AccumulatorV2<UnaryOperator<RankReport>, RankReport> {
  private static final long serialVersionUID = 1L;

  /** Replaced as a whole: heartbeats serialize this object while the rank changes it. */
  private volatile RankReport report;

  /** Starts the report of a task. */
  void start(int attempt, int rank) {
    report = RankReport.start(attempt, rank);
  }

  @Override
  public synchronized void add(UnaryOperator<RankReport> change) {
    report = change.apply(report);
  }

  void phase(RankReport.Phase phase) {
    add(current -> current.withPhase(phase));
  }

  void rows(long rows) {
    add(current -> current.withRows(rows));
  }

  @Override
  public RankReport value() {
    return report;
  }

  @Override
  public boolean isZero() {
    return report == null;
  }

  @Override
  public RankReports copy() {
    RankReports copy = new RankReports();
    copy.report = report;
    return copy;
  }

  @Override
  public void reset() {
    report = null;
  }

  @Override
  public void merge(AccumulatorV2<UnaryOperator<RankReport>, RankReport> other) {
    report = other.value();
  }
}

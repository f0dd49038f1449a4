package io.fabric4j.spark.internal.launch;

import io.fabric4j.RankOutput;
import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.spark.internal.live.SavedCheckpoint;
import io.fabric4j.spark.progress.MetricPoint;
import java.time.Instant;
import java.util.Map;
import org.apache.spark.SparkEnv;

/** Puts what a rank tells into its report. */
final class ReportingOutput implements RankOutput {
  /** Spark's name of the executor that is the driver itself, with a local master. */
  private static final String DRIVER = "driver";

  private final RankReports reports;
  private final int attempt;
  private final IntervalMeter meter;
  private final boolean isRankZero;
  private final boolean onDriver;

  ReportingOutput(RankReports reports, int attempt, int rank) {
    this(reports, attempt, rank, SparkEnv.get().executorId());
  }

  /**
   * @param executor Spark's name of this process
   */
  ReportingOutput(RankReports reports, int attempt, int rank, String executor) {
    this.reports = reports;
    this.attempt = attempt;
    isRankZero = rank == 0;
    onDriver = executor.equals(DRIVER);
    meter = new IntervalMeter(attempt, rank);
  }

  @Override
  public void print(String line) {
    if (onDriver) {
      System.out.println(line);
    } else {
      reports.add(report -> report.withLine(line));
    }
  }

  @Override
  public void metrics(Map<String, Double> metrics, long step) {
    MetricPoint point = new MetricPoint(attempt, step, Instant.now(), metrics);
    reports.add(report -> report.withMetrics(point));
  }

  @Override
  public void trained(EpochProgress progress, State state) {
    reports.add(report -> report.withEpoch(progress));
    if (meter.isDue(progress)) {
      sample(state);
    }
  }

  private void sample(State state) {
    if (isRankZero && meter.isFirst()) {
      String explanation = state.explain();
      reports.add(report -> report.withExplanation(explanation));
    }
    RankSample sample = meter.sample(state);
    reports.add(report -> report.withSample(sample));
  }

  @Override
  public void saved(String path, long bytes) {
    SavedCheckpoint saved = new SavedCheckpoint(System.currentTimeMillis(), path, bytes);
    reports.add(report -> report.withCheckpoint(saved));
  }

  /** Adds what was done since the last sample, at the end of the rank's function. */
  void finish() {
    meter.rest().ifPresent(sample -> reports.add(report -> report.withSample(sample)));
  }
}

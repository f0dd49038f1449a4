package io.fabric4j.spark.internal.launch;

import io.fabric4j.RankOutput;
import io.fabric4j.monitoring.EpochProgress;
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
  private final boolean onDriver = SparkEnv.get().executorId().equals(DRIVER);

  ReportingOutput(RankReports reports, int attempt) {
    this.reports = reports;
    this.attempt = attempt;
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
  }
}

package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.monitoring.EpochProgress.StepTimes;
import io.fabric4j.spark.progress.MetricPoint;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankReportTest {
  private RankReport report = RankReport.start(0, 0);

  static MetricPoint point(int attempt, long step, Map<String, Double> values) {
    return new MetricPoint(attempt, step, Instant.EPOCH.plusSeconds(step), values);
  }

  static EpochProgress progress(int loop, long batches) {
    return new EpochProgress(
        loop, loop, batches, 100, 8 * batches, new StepTimes(1_000_000_000, 0, 0, 0, 0, 0));
  }

  @Test
  void joinsWhatIsLoggedForAStep() {
    report = report.withMetrics(point(0, 7, Map.of("loss", 1.0, "rate", 0.1)));
    report = report.withMetrics(point(0, 7, Map.of("loss", 0.5)));
    report = report.withMetrics(point(0, 8, Map.of("loss", 0.25)));

    assertThat(report.metrics().points().items())
        .containsExactly(
            point(0, 7, Map.of("loss", 0.5, "rate", 0.1)), point(0, 8, Map.of("loss", 0.25)));
  }

  @Test
  void keepsTheLastMetricsOfEachLoop() {
    report = report.withMetrics(point(0, 0, Map.of("early", 1.0)));
    report = report.withEpoch(progress(0, 1)).withMetrics(point(0, 1, Map.of("loss", 1.0)));
    report = report.withEpoch(progress(0, 2)).withMetrics(point(0, 2, Map.of("loss", 0.5)));
    report = report.withMetrics(point(0, 0, Map.of("accuracy", 0.9)));
    report = report.withEpoch(progress(1, 1));

    assertThat(report.epochs().items())
        .containsExactly(
            new RankReport.Loop(progress(0, 2), Map.of("loss", 0.5, "accuracy", 0.9)),
            new RankReport.Loop(progress(1, 1), Map.of()));
  }

  @Test
  void staysSmall() {
    Map<String, Double> many = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      many.put("m" + i, 0.0);
    }
    for (int i = 0; i < 3000; i++) {
      report = report.withEpoch(progress(i, 1)).withLog("log " + i);
      report = report.withLine("x".repeat(20_000)).withMetrics(point(0, i, Map.of("loss", 1.0)));
    }
    assertThat(report.metrics().points().items()).hasSize(1024);
    assertThat(report.metrics().points().first()).isEqualTo(3000 - 1024);
    assertThat(report.epochs().items()).hasSize(RankReport.MAX_EPOCHS);
    assertThat(report.log().items()).hasSize(RankReport.MAX_LOG).endsWith("log 2999");
    assertThat(report.lines().items()).allSatisfy(line -> assertThat(line).hasSize(8195));

    for (int i = 3000; i < 3020; i++) {
      report = report.withMetrics(point(0, i, many));
    }
    assertThat(report.metrics().points().items()).hasSize(MetricTail.MAX_VALUES / 1000);
    assertThat(report.metrics().points().first()).isEqualTo(3020 - 8);
    assertThat(report.metrics().points().last().step()).isEqualTo(3019);
  }

  @Test
  void isShownInSparksUi() {
    assertThat(report).hasToString("rank 0 reading its input");
    assertThat(report.withLine("epoch 1")).hasToString("rank 0 epoch 1");
    assertThat(List.of(report.withPhase(RankReport.Phase.RUNNING))).hasToString("[rank 0 running]");
  }
}

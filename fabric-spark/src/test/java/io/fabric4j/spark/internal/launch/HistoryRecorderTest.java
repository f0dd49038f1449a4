package io.fabric4j.spark.internal.launch;

import static io.fabric4j.spark.internal.launch.RankReportTest.point;
import static io.fabric4j.spark.internal.launch.RankReportTest.progress;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.spark.progress.EpochSummary;
import io.fabric4j.spark.progress.MetricPoint;
import io.fabric4j.spark.progress.TrainingHistory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryRecorderTest {
  private final List<TrainingHistory> told = new ArrayList<>();
  private final HistoryRecorder recorder = new HistoryRecorder("run", 2, List.of(told::add));

  @Test
  void addsUpTheRanks() {
    recorder.attempt(0);
    recorder.started(1, "node1");
    recorder.accept(RankReport.start(0, 1).withEpoch(progress(0, 4)));
    recorder.accept(
        RankReport.start(0, 0)
            .withEpoch(progress(0, 5))
            .withMetrics(point(0, 5, Map.of("loss", 0.5))));

    TrainingHistory history = recorder.history();
    EpochSummary epoch = history.lastEpoch().orElseThrow();
    assertThat(epoch.ranks()).isEqualTo(Map.of(0, progress(0, 5), 1, progress(0, 4)));
    assertThat(epoch.batches()).isEqualTo(4);
    assertThat(epoch.totalBatches()).isEqualTo(100);
    assertThat(epoch.samples()).isEqualTo(72);
    assertThat(epoch.seconds()).isEqualTo(1);
    assertThat(epoch.samplesPerSecond()).isEqualTo(72);
    assertThat(epoch.metrics()).isEqualTo(Map.of("loss", 0.5));
    assertThat(history.metric("loss")).containsExactly(point(0, 5, Map.of("loss", 0.5)));
    assertThat(history.metric("accuracy")).isEmpty();
    assertThat(history.hosts()).isEqualTo(Map.of(1, "node1"));
    assertThat(told).hasSize(2);
  }

  @Test
  void theLastReportOfARankCounts() {
    RankReport report =
        RankReport.start(0, 0)
            .withEpoch(progress(0, 1))
            .withMetrics(point(0, 1, Map.of("loss", 1.0)));
    recorder.accept(report);
    recorder.accept(report.withMetrics(point(0, 1, Map.of("loss", 2.0))).withEpoch(progress(0, 2)));

    assertThat(recorder.history().metrics()).containsExactly(point(0, 1, Map.of("loss", 2.0)));
    assertThat(recorder.history().epochs()).hasSize(1);
    assertThat(recorder.history().epochs().get(0).batches()).isEqualTo(2);
  }

  @Test
  void keepsWhatFormerAttemptsDid() {
    recorder.attempt(0);
    recorder.accept(withStep(RankReport.start(0, 0), 0));
    recorder.attempt(1);
    recorder.accept(withStep(RankReport.start(1, 0), 1));

    TrainingHistory history = recorder.history();
    assertThat(history.attempt()).isEqualTo(1);
    assertThat(history.epochs()).extracting(EpochSummary::attempt).containsExactly(0, 1);
    assertThat(history.metrics()).extracting(MetricPoint::attempt).containsExactly(0, 1);
    assertThat(history.droppedSteps()).isZero();
  }

  private static RankReport withStep(RankReport report, int attempt) {
    return report.withEpoch(progress(0, 1)).withMetrics(point(attempt, 9, Map.of("loss", 1.0)));
  }

  @Test
  void countsStepsThatNoReportCarried() {
    RankReport report = RankReport.start(0, 0);
    for (int i = 0; i < 1030; i++) {
      report = report.withMetrics(point(0, i, Map.of("loss", 1.0)));
    }
    recorder.accept(report);
    recorder.accept(report);

    assertThat(recorder.history().metrics()).hasSize(1024);
    assertThat(recorder.history().droppedSteps()).isEqualTo(6);
  }

  @Test
  void staysSmall() {
    Map<String, Double> many = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      many.put("m" + i, 0.0);
    }
    RankReport report = RankReport.start(0, 0);
    int steps = HistoryRecorder.MAX_VALUES / many.size() + 20;
    for (int step = 0; step < steps; step++) {
      report = report.withEpoch(progress(step * 3, 1)).withMetrics(point(0, step, many));
      if (step % 4 == 3) {
        recorder.accept(report);
      }
    }
    for (int loop = steps * 3; loop < HistoryRecorder.MAX_EPOCHS + steps * 3; loop++) {
      recorder.accept(RankReport.start(0, 1).withEpoch(progress(loop, 1)));
    }

    TrainingHistory history = told.get(told.size() - 1);
    assertThat(history.metrics()).hasSize(steps - 20);
    assertThat(history.droppedSteps()).isEqualTo(20);
    assertThat(history.metrics().get(0).step()).isEqualTo(20);
    assertThat(history.epochs()).hasSize(HistoryRecorder.MAX_EPOCHS);
    assertThat(report.epochs().last().metrics()).hasSize(RankReport.MAX_NAMES);
  }

  @Test
  void aListenerThatFailsChangesNothing() {
    HistoryRecorder bad =
        new HistoryRecorder(
            "run",
            2,
            List.of(
                history -> {
                  throw new IllegalStateException("no display");
                },
                told::add));

    bad.accept(RankReport.start(0, 0).withEpoch(progress(0, 1)));
    bad.end(TrainingHistory.State.FAILED);

    assertThat(bad.history().state()).isEqualTo(TrainingHistory.State.FAILED);
    assertThat(bad.history().epochs()).hasSize(1);
    assertThat(told).hasSize(2);
  }
}

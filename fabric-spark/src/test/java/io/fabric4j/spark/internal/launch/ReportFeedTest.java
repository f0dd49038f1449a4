package io.fabric4j.spark.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric4j.spark.internal.live.Curve;
import io.fabric4j.spark.internal.live.RankInterval;
import io.fabric4j.spark.internal.live.RunJournal;
import io.fabric4j.spark.internal.live.RunProgressed;
import io.fabric4j.spark.internal.live.SavedCheckpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.junit.jupiter.api.Test;

class ReportFeedTest {
  private final List<SparkListenerEvent> events = new ArrayList<>();
  private final ReportFeed feed = new ReportFeed(new RunJournal(1, "run", 2, events::add));

  private static RankSample sample(int rank, long end) {
    RankInterval interval =
        new RankInterval(0, rank, end, 0, 1, 9, 1, 8, 5, 1, 1, 1, 1, 1, 9, 9, 0, 0);
    return new RankSample(interval, end, new double[] {0.1, Double.NaN}, 2);
  }

  private <T> List<T> told(Function<RunProgressed, List<T>> what) {
    return events.stream()
        .flatMap(event -> event instanceof RunProgressed p ? Stream.of(p) : Stream.empty())
        .flatMap(event -> what.apply(event).stream())
        .toList();
  }

  @Test
  void passesOnEachPartOnce() {
    RankReport report = RankReport.start(0, 0).withSample(sample(0, 10)).withExplanation("ddp");
    SavedCheckpoint saved = new SavedCheckpoint(3, "hdfs:/a", 5);
    feed.attempt(0);
    feed.accept(report);
    feed.accept(report);
    feed.accept(report.withSample(sample(0, 20)).withCheckpoint(saved));
    feed.accept(RankReport.start(0, 1).withSample(sample(1, 15)));
    feed.end(null);

    assertThat(told(RunProgressed::intervals))
        .extracting(RankInterval::rank, RankInterval::end)
        .containsExactly(tuple(0, 10L), tuple(0, 20L), tuple(1, 15L));
    assertThat(told(RunProgressed::checkpoints)).containsExactly(saved);
    assertThat(told(event -> List.of(event.explanation()))).contains("ddp");
    assertThat(told(RunProgressed::curves))
        .extracting(Curve::kind, Curve::name)
        .as("of rank 0, and no unknown rate")
        .containsExactly(
            tuple(Curve.Kind.RATE, "group 0"), tuple(Curve.Kind.NORM, "gradient norm"));
  }

  @Test
  void valuesThatAStepGotLaterAreNew() {
    RankReport report =
        RankReport.start(0, 0).withMetrics(RankReportTest.point(0, 1, Map.of("loss", 3.0)));
    feed.accept(report);
    report = report.withMetrics(RankReportTest.point(0, 1, Map.of("accuracy", 0.5)));
    feed.accept(report);
    feed.accept(report.withMetrics(RankReportTest.point(0, 2, Map.of("loss", 2.0))));
    feed.end(null);

    assertThat(told(RunProgressed::curves))
        .anySatisfy(
            curve -> {
              assertThat(curve.name()).isEqualTo("loss");
              assertThat(curve.values()).containsExactly(3, 2);
            })
        .anySatisfy(
            curve -> {
              assertThat(curve.name()).isEqualTo("accuracy");
              assertThat(curve.steps()).containsExactly(1);
            });
  }

  @Test
  void aNewAttemptStartsAnew() {
    feed.attempt(0);
    feed.accept(RankReport.start(0, 0).withSample(sample(0, 10)));
    feed.attempt(1);
    feed.accept(RankReport.start(1, 0).withSample(sample(0, 30)));
    feed.end(null);

    assertThat(told(RunProgressed::intervals))
        .extracting(RankInterval::end)
        .containsExactly(10L, 30L);
  }
}

package io.fabric4j.spark.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.util.JsonProtocol;
import org.junit.jupiter.api.Test;

class RunJournalTest {
  private static final String WIDE = "\u4e16\"\\\u0001";

  private final List<SparkListenerEvent> events = new ArrayList<>();
  private long now = 1_000_000_000_000L;

  private RunJournal journal(int ranks) {
    return new RunJournal(7, "a run", ranks, events::add, () -> now);
  }

  private static RankInterval interval(int rank, long end) {
    long large = Long.MAX_VALUE / 2;
    return new RankInterval(
        0, rank, end, large, large, large, 10, 640, 1000, 100, 200, 300, 50, 150, large, large,
        large, large);
  }

  private List<RunProgressed> progress() {
    return events.stream()
        .filter(RunProgressed.class::isInstance)
        .map(RunProgressed.class::cast)
        .toList();
  }

  @Test
  void postsAtMostOneEventPerSecond() {
    RunJournal journal = journal(2);
    for (int i = 0; i < 100; i++) {
      now += 100;
      journal.interval(interval(0, now));
      journal.flush();
    }
    journal.flush();

    assertThat(progress()).hasSize(10);
    assertThat(progress().stream().mapToInt(event -> event.intervals().size()).sum())
        .isEqualTo(100);
  }

  @Test
  void postsNothingIfNothingIsNew() {
    RunJournal journal = journal(2);
    now += 10_000;
    journal.flush();
    journal.end(null);

    assertThat(events)
        .containsExactly(
            new RunStarted(7, "a run", now - 10_000, 2), new RunEnded(7, now, true, ""));
  }

  @Test
  void everyEventHasAtMostSoManyBytesInTheLog() {
    RunJournal journal = new RunJournal(7, WIDE.repeat(1000), 1000, events::add, () -> now);
    for (int second = 0; second < 5; second++) {
      now += 1000;
      fill(journal);
      journal.flush();
    }
    journal.end(new IllegalStateException(WIDE.repeat(10_000)));

    assertThat(events).hasSizeGreaterThan(7);
    assertThat(events)
        .allSatisfy(
            event ->
                assertThat(
                        JsonProtocol.sparkEventToJsonString(event).getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThan(RunJournal.MAX_BYTES));
    assertThat(events)
        .anySatisfy(
            event ->
                assertThat(JsonProtocol.sparkEventToJsonString(event))
                    .hasSizeGreaterThan(RunJournal.MAX_BYTES / 4));
  }

  private void fill(RunJournal journal) {
    journal.explanation(WIDE.repeat(10_000));
    for (int i = 0; i < 1000; i++) {
      journal.note(
          new RankNote(i, WIDE.repeat(100), "waiting for the other ranks", Long.MAX_VALUE));
      journal.interval(interval(i, now));
      journal.checkpoint(new SavedCheckpoint(now, i + WIDE.repeat(1000), Long.MAX_VALUE));
      journal.incident(Incident.Kind.FAILURE, i, WIDE.repeat(1000));
      for (int step = 0; step < 20; step++) {
        double value = -Math.PI * 1e-300 * (i + step);
        journal.point(Curve.Kind.METRIC, i + WIDE.repeat(100), now, Long.MAX_VALUE, value);
      }
    }
  }

  @Test
  void afterTheEndFewEventsAreLeft() {
    RunJournal journal = journal(1000);
    for (int i = 0; i < 1000; i++) {
      journal.interval(interval(i, now));
      journal.incident(Incident.Kind.FAILURE, i, "failed");
    }
    journal.end(null);

    assertThat(events.size()).isLessThan(20);
    assertThat(progress().stream().mapToInt(event -> event.intervals().size()).sum())
        .isEqualTo(1000);
  }

  @Test
  void ofTooManyPointsTheExtremesStay() {
    RunJournal journal = journal(1);
    for (int step = 0; step < 100_000; step++) {
      journal.point(Curve.Kind.METRIC, "loss", now, step, step == 50_001 ? 1000 : 1);
    }
    now += 1000;
    journal.flush();
    Curve curve = progress().get(0).curves().get(0);

    assertThat(curve.values()).hasSizeBetween(100, RunJournal.MAX_POINTS_PER_EVENT).contains(1000);
    assertThat(curve.steps()).isSorted().contains(0, 50_001, 99_999);
  }

  @Test
  void ofTooManyNamesTheFirstAreShown() {
    RunJournal journal = journal(1);
    for (int i = 0; i < 1000; i++) {
      journal.point(Curve.Kind.METRIC, "metric " + i, now, 0, 1);
    }
    journal.end(null);

    assertThat(progress().stream().flatMap(event -> event.curves().stream()).map(Curve::name))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, RunJournal.MAX_CURVES).mapToObj(i -> "metric " + i).toList());
  }

  @Test
  void tellsOfRetriesAndFailures() {
    RunJournal journal = journal(2);
    journal.attempt(0);
    journal.incident(Incident.Kind.FAILURE, 1, "rank 1 was lost");
    journal.attempt(1);
    now += 1000;
    journal.flush();

    assertThat(progress().get(0).incidents())
        .containsExactly(
            new Incident(now - 1000, Incident.Kind.FAILURE, 0, 1, "rank 1 was lost"),
            new Incident(now - 1000, Incident.Kind.RETRY, 1, -1, "all ranks start again"));
  }
}

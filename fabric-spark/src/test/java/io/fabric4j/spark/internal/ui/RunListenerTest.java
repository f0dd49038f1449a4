package io.fabric4j.spark.internal.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric4j.spark.internal.live.Curve;
import io.fabric4j.spark.internal.live.Incident;
import io.fabric4j.spark.internal.live.RankInterval;
import io.fabric4j.spark.internal.live.RankNote;
import io.fabric4j.spark.internal.live.RunEnded;
import io.fabric4j.spark.internal.live.RunProgressed;
import io.fabric4j.spark.internal.live.RunStarted;
import io.fabric4j.spark.internal.live.SavedCheckpoint;
import java.io.IOException;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListenerEvent;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.util.JsonProtocol;
import org.apache.spark.util.kvstore.InMemoryStore;
import org.json4s.JValue;
import org.json4s.jackson.JsonMethods$;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunListenerTest {
  private final ElementTrackingStore kvStore =
      new ElementTrackingStore(new InMemoryStore(), new SparkConf(false));
  private final RunStore store = new RunStore(kvStore);
  private final RunListener listener = RunListener.live(kvStore);

  @AfterEach
  void closeStore() {
    kvStore.close();
  }

  private static RankInterval interval(int rank, long end) {
    return new RankInterval(
        0, rank, end, 2, 30, 100, 10, 640, 1000, 100, 200, 300, 50, 150, 900, 300, 0, 0);
  }

  private static RunProgressed progress(long time, List<RankInterval> intervals, Curve... curves) {
    return new RunProgressed(
        1,
        time,
        0,
        "Rank 0 of 2",
        List.of(new RankNote(0, "host", "running", 5)),
        intervals,
        List.of(curves),
        List.of(new SavedCheckpoint(time, "hdfs:/a", 77)),
        List.of(new Incident(time, Incident.Kind.FAILURE, 0, 1, "lost")));
  }

  private static Curve losses(long step, double... values) {
    long[] times = new long[values.length];
    long[] steps = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      times[i] = 1000 + step + i;
      steps[i] = step + i;
    }
    return new Curve(Curve.Kind.METRIC, "loss", times, steps, values);
  }

  /** Sends an event through the format of event logs. */
  private static SparkListenerEvent logged(SparkListenerEvent event) {
    return JsonProtocol.sparkEventFromJson(JsonProtocol.sparkEventToJsonString(event));
  }

  private JsonNode json(long since) throws IOException {
    JValue value = RunJson.run(store.run(1), store.series(1), since);
    return new ObjectMapper().readTree(JsonMethods$.MODULE$.compact(value));
  }

  @Test
  void eventsComeBackFromTheEventLog() {
    RunStarted start = new RunStarted(1, "<b>", 5, 2);
    RunEnded end = new RunEnded(1, 9, false, "it failed\n\"so\"");
    RunProgressed progress = progress(7, List.of(interval(0, 7), interval(1, 7)));
    assertThat(logged(start)).isEqualTo(start);
    assertThat(logged(end)).isEqualTo(end);
    assertThat(logged(progress)).isEqualTo(progress);

    Curve curve = losses(3, 0.1, Double.NaN, Double.NEGATIVE_INFINITY);
    RunProgressed back = (RunProgressed) logged(progress(7, List.of(), curve));
    assertThat(back.curves().get(0).steps()).isEqualTo(curve.steps());
    assertThat(back.curves().get(0).times()).isEqualTo(curve.times());
    assertThat(back.curves().get(0).values()).isEqualTo(curve.values());
  }

  @Test
  void whatALaterVersionAddsToEventsIsIgnored() {
    RunProgressed event = progress(7, List.of(interval(0, 7)));
    String text = JsonProtocol.sparkEventToJsonString(event);
    String later = text.replace("\"attempt\":0,\"expl", "\"attempt\":0,\"more\":[1],\"expl");
    later = later.replace(",900,300,0,0]", ",900,300,0,0,8]");

    assertThat(later).hasSizeGreaterThan(text.length() + 12);
    assertThat(JsonProtocol.sparkEventFromJson(later)).isEqualTo(event);
  }

  @Test
  void tellsAReaderWhatIsNew() throws Exception {
    listener.onOtherEvent(new RunStarted(1, "run", 5, 2));
    assertThat(json(0).get("state").asText()).isEqualTo("running");
    listener.onOtherEvent(progress(7, List.of(interval(0, 6)), losses(0, 3, Double.NaN)));
    JsonNode all = json(0);
    assertThat(all.get("series").toString())
        .isEqualTo(
            "[{\"kind\":\"metric\",\"name\":\"loss\",\"whole\":true,"
                + "\"columns\":[[1000,1001],[0,1],[3,null]]},"
                + "{\"kind\":\"rank\",\"name\":\"0\",\"whole\":true,\"columns\":[[6],[0],[10],[640],"
                + "[1000],[100],[200],[300],[50],[150],[900],[300],[0],[0]]}]");
    assertThat(all.get("batches").asInt()).isEqualTo(30);
    assertThat(all.get("checkpoints").get(0).get("bytes").asInt()).isEqualTo(77);

    long version = all.get("version").asLong();
    assertThat(json(version).get("series")).isEmpty();
    listener.onOtherEvent(progress(8, List.of(), losses(2, 2.5)));
    assertThat(json(version).get("series").toString())
        .isEqualTo(
            "[{\"kind\":\"metric\",\"name\":\"loss\",\"whole\":false,"
                + "\"columns\":[[1002],[2],[2.5]]}]");
    listener.onOtherEvent(new RunEnded(1, 9, true, ""));
    assertThat(json(version).get("state").asText()).isEqualTo("succeeded");
  }

  @Test
  void aLongRunStaysSmallAndIsSentAnewAfterThinning() throws Exception {
    listener.onOtherEvent(new RunStarted(1, "run", 5, 1));
    long version = 0;
    for (int i = 0; i < 3000; i++) {
      listener.onOtherEvent(
          progress(i, List.of(interval(0, i)), losses(i, i == 700 ? 1e6 : i % 10)));
      version = i == 1000 ? json(0).get("version").asLong() : version;
    }
    JsonNode loss = json(version).get("series").get(0);
    assertThat(loss.get("whole").asBoolean()).isTrue();
    assertThat(loss.get("columns").get(2)).hasSizeBetween(500, LiveRun.MAX_POINTS);
    assertThat(loss.get("columns").get(2).toString()).contains("1000000");

    JsonNode rank = json(0).get("series").get(1).get("columns");
    assertThat(rank.get(0)).hasSizeLessThanOrEqualTo(LiveRun.MAX_RANK_ROWS);
    long steps = 0;
    for (JsonNode count : rank.get(2)) {
      steps += count.asLong();
    }
    assertThat(steps).as("no step is lost").isEqualTo(30_000);
    assertThat(store.run(1).checkpoints()).hasSize(500);
  }

  @Test
  void keepsTheLatestRuns() {
    for (long run = 1; run <= 60; run++) {
      listener.onOtherEvent(new RunStarted(run, "run", run, 1));
      listener.onOtherEvent(new RunEnded(run, run, true, ""));
    }
    assertThat(store.runs()).hasSize(RunListener.MAX_RUNS).first().returns(60L, RunRecord::run);
    assertThatThrownBy(() -> store.run(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There is no run 1. The list of runs shows those that are kept.");
  }

  @Test
  void aRunThatGoesOnAtTheEndOfALogIsShown() {
    RunListener replaying = RunListener.replaying(kvStore);
    replaying.onOtherEvent(new RunStarted(1, "run", 5, 1));
    replaying.onOtherEvent(progress(7, List.of(interval(0, 6)), losses(0, 3)));
    assertThat(store.runs()).isEmpty();
    kvStore.close(false);

    assertThat(store.runs()).hasSize(1);
    assertThat(store.series(1)).hasSize(2);
  }
}

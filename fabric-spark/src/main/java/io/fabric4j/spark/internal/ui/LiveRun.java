package io.fabric4j.spark.internal.ui;

import io.fabric4j.spark.internal.live.Curve;
import io.fabric4j.spark.internal.live.Incident;
import io.fabric4j.spark.internal.live.RankInterval;
import io.fabric4j.spark.internal.live.RankNote;
import io.fabric4j.spark.internal.live.RunEnded;
import io.fabric4j.spark.internal.live.RunJournal;
import io.fabric4j.spark.internal.live.RunProgressed;
import io.fabric4j.spark.internal.live.RunStarted;
import io.fabric4j.spark.internal.live.SavedCheckpoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleBinaryOperator;
import java.util.stream.LongStream;

/** Adds the events of one launch up. Its size is bounded. */
final class LiveRun {
  static final int MAX_POINTS = 1024;
  static final int MAX_RANK_ROWS = 512;

  private static final int MIN_RANK_ROWS = 64;
  private static final int ALL_RANK_ROWS = 16_384;
  private static final int MAX_LIST = 500;

  /** The columns of a rank: end, attempt, sums of the interval, memory. */
  private static final DoubleBinaryOperator[] RANK_COLUMNS = {
    LiveRun::later,
    LiveRun::later,
    Double::sum,
    Double::sum,
    Double::sum,
    Double::sum,
    Double::sum,
    Double::sum,
    Double::sum,
    Double::sum,
    Math::max,
    Math::max,
    Math::max,
    LiveRun::later
  };

  private static double later(double before, double after) {
    return after;
  }

  private final RunStarted start;
  private final Map<String, Series> series = new LinkedHashMap<>();
  private final Map<Integer, RankNote> notes = new TreeMap<>();
  private final List<SavedCheckpoint> checkpoints = new ArrayList<>();
  private final List<Incident> incidents = new ArrayList<>();
  private String explanation = "";
  private int attempt = -1;
  private long updated;
  private long version = 1;
  private RunEnded end;
  private RankInterval position;

  LiveRun(RunStarted start) {
    this.start = start;
    updated = start.time();
  }

  void add(RunProgressed event) {
    version++;
    updated = event.time();
    attempt = event.attempt();
    explanation = event.explanation().isEmpty() ? explanation : event.explanation();
    event.ranks().forEach(note -> notes.put(note.rank(), note));
    event.intervals().forEach(this::add);
    event.curves().forEach(this::add);
    append(checkpoints, event.checkpoints());
    append(incidents, event.incidents());
  }

  private static <T> void append(List<T> list, List<T> more) {
    list.addAll(more);
    if (list.size() > MAX_LIST) {
      list.subList(0, list.size() - MAX_LIST).clear();
    }
  }

  private void add(RankInterval interval) {
    if (interval.rank() == 0) {
      position = interval;
    }
    String name = Integer.toString(interval.rank());
    int limit = Math.max(MIN_RANK_ROWS, Math.min(MAX_RANK_ROWS, ALL_RANK_ROWS / start.ranks()));
    series
        .computeIfAbsent(
            "rank " + name,
            key -> {
              Series.Thinning thinning = Thinnings.pairs(RANK_COLUMNS);
              return new Series("rank", name, RANK_COLUMNS.length, limit, thinning);
            })
        .add(
            version,
            LongStream.of(
                    interval.end(),
                    interval.attempt(),
                    interval.steps(),
                    interval.rows(),
                    interval.total(),
                    interval.data(),
                    interval.forward(),
                    interval.backward(),
                    interval.sync(),
                    interval.optimizer(),
                    interval.process(),
                    interval.heap(),
                    interval.device(),
                    interval.deviceTotal())
                .asDoubleStream()
                .toArray());
  }

  private void add(Curve curve) {
    String kind = curve.kind().name().toLowerCase(Locale.ROOT);
    String key = kind + " " + curve.name();
    if (!series.containsKey(key) && series.size() >= RunJournal.MAX_CURVES + start.ranks()) {
      return;
    }
    Series target =
        series.computeIfAbsent(
            key, unused -> new Series(kind, curve.name(), 3, MAX_POINTS, Thinnings.extremes(2)));
    for (int i = 0; i < curve.values().length; i++) {
      target.add(version, (double) curve.times()[i], (double) curve.steps()[i], curve.values()[i]);
    }
  }

  void add(RunEnded event) {
    version++;
    updated = event.time();
    end = event;
  }

  boolean hasEnded() {
    return end != null;
  }

  /** Passes on what has changed since this was last called. */
  void write(Consumer<Object> store) {
    for (Series one : series.values()) {
      if (one.takeChanged()) {
        store.accept(one.record(start.run()));
      }
    }
    store.accept(record());
  }

  private RunRecord record() {
    return new RunRecord(
        start.run(),
        start.name(),
        version,
        end == null ? "running" : end.succeeded() ? "succeeded" : "failed",
        end == null ? "" : end.message(),
        start.ranks(),
        attempt,
        start.time(),
        updated,
        end == null ? 0 : end.time(),
        position == null ? 0 : position.epoch(),
        position == null ? 0 : position.batches(),
        position == null ? 0 : position.totalBatches(),
        explanation,
        List.copyOf(notes.values()),
        List.copyOf(checkpoints),
        List.copyOf(incidents));
  }
}

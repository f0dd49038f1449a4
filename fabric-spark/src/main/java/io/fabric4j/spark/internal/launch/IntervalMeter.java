package io.fabric4j.spark.internal.launch;

import io.fabric4j.RankOutput;
import io.fabric4j.monitoring.EpochProgress;
import io.fabric4j.monitoring.EpochProgress.StepTimes;
import io.fabric4j.monitoring.MemoryUse;
import io.fabric4j.spark.internal.live.RankInterval;
import java.util.Optional;
import java.util.function.LongSupplier;

/** Cuts a rank's training into intervals of a second or more. Belongs to the rank's thread. */
final class IntervalMeter {
  static final int MAX_RATES = 8;

  private static final long PERIOD_NANOS = 1_000_000_000;

  private final int attempt;
  private final int rank;
  private final LongSupplier nanoClock;
  private Totals ended = Totals.NONE;
  private Totals taken = Totals.NONE;
  private EpochProgress latest;
  private RankOutput.State state;
  private boolean first = true;
  private long next;

  /** Sums over all loops so far, times in nanoseconds. */
  private record Totals(
      long steps,
      long rows,
      long total,
      long data,
      long forward,
      long backward,
      long sync,
      long optimizer) {
    private static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0, 0);

    private Totals plus(EpochProgress loop) {
      StepTimes times = loop.times();
      return new Totals(
          steps + loop.batches(),
          rows + loop.samples(),
          total + times.totalNanos(),
          data + times.dataNanos(),
          forward + times.forwardNanos(),
          backward + times.backwardNanos(),
          sync + times.syncNanos(),
          optimizer + times.optimizerNanos());
    }
  }

  IntervalMeter(int attempt, int rank) {
    this(attempt, rank, System::nanoTime);
  }

  IntervalMeter(int attempt, int rank, LongSupplier nanoClock) {
    this.attempt = attempt;
    this.rank = rank;
    this.nanoClock = nanoClock;
    next = nanoClock.getAsLong();
  }

  /** Takes how far a loop is, and returns whether a sample is due: at first, then each second. */
  boolean isDue(EpochProgress progress) {
    if (latest != null && latest.loop() != progress.loop()) {
      ended = ended.plus(latest);
    }
    latest = progress;
    return nanoClock.getAsLong() - next >= 0;
  }

  boolean isFirst() {
    return first;
  }

  /** Returns what was done since the last sample. */
  RankSample sample(RankOutput.State rankState) {
    state = rankState;
    first = false;
    next = nanoClock.getAsLong() + PERIOD_NANOS;
    Totals now = ended.plus(latest);
    RankInterval interval = interval(now, MemoryUse.now(state.device()));
    taken = now;
    double[] rates =
        state.learningRates().stream().limit(MAX_RATES).mapToDouble(Double::doubleValue).toArray();
    return new RankSample(interval, now.steps(), rates, state.gradientNorm());
  }

  private RankInterval interval(Totals now, MemoryUse memory) {
    return new RankInterval(
        attempt,
        rank,
        System.currentTimeMillis(),
        latest.epoch(),
        latest.batches(),
        latest.totalBatches(),
        now.steps - taken.steps,
        now.rows - taken.rows,
        (now.total - taken.total) / 1000,
        (now.data - taken.data) / 1000,
        (now.forward - taken.forward) / 1000,
        (now.backward - taken.backward) / 1000,
        (now.sync - taken.sync) / 1000,
        (now.optimizer - taken.optimizer) / 1000,
        memory.process() >> 20,
        memory.heap() >> 20,
        memory.device() >> 20,
        memory.deviceTotal() >> 20);
  }

  /** Returns what was done since the last sample, if anything. */
  Optional<RankSample> rest() {
    return state == null || ended.plus(latest).steps() == taken.steps()
        ? Optional.empty()
        : Optional.of(sample(state));
  }
}

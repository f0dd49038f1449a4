package io.fabric4j.spark.progress;

import io.fabric4j.monitoring.EpochProgress;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * An epoch of training, over or running, as the ranks last reported it.
 *
 * @param attempt of the stage of the ranks, from 0; after a retry an epoch may appear twice
 * @param metrics what rank 0 logged from its first backward until the next epoch's; of a name the
 *     last value, of many names the first 256
 * @param ranks how far each rank is, by rank
 */
public record EpochSummary(
    int attempt, Map<String, Double> metrics, Map<Integer, EpochProgress> ranks)
    implements Serializable {

  /** Copies the maps. */
  public EpochSummary {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    ranks = Collections.unmodifiableMap(new TreeMap<>(ranks));
  }

  /** Returns the epoch of the data loader. */
  public long epoch() {
    return first().epoch();
  }

  /** Returns the number of this training loop within its attempt, from 0. */
  public int loop() {
    return first().loop();
  }

  /** Returns the batches that all ranks have had. */
  public long batches() {
    return ranks.values().stream().mapToLong(EpochProgress::batches).min().orElse(0);
  }

  /** Returns the batches that each rank has in the epoch. */
  public long totalBatches() {
    return first().totalBatches();
  }

  /** Returns the rows of all ranks. */
  public long samples() {
    return ranks.values().stream().mapToLong(EpochProgress::samples).sum();
  }

  /** Returns the time of the slowest rank. */
  public double seconds() {
    return ranks.values().stream().mapToLong(r -> r.times().totalNanos()).max().orElse(0) / 1e9;
  }

  /** Returns the rows per second of all ranks together, each by its own clock. */
  public double samplesPerSecond() {
    return ranks.values().stream().mapToDouble(EpochProgress::samplesPerSecond).sum();
  }

  private EpochProgress first() {
    return ranks.values().iterator().next();
  }
}

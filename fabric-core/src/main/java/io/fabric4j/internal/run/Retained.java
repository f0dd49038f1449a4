package io.fabric4j.internal.run;

import io.fabric4j.RunOptions.Retention;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Decides which checkpoints are kept. */
final class Retained {
  private final Retention retention;
  private final TreeMap<CheckpointName, Double> metrics = new TreeMap<>();

  Retained(Retention retention) {
    this.retention = retention;
  }

  /** Adds a complete checkpoint; NaN if its metric is not known. */
  void add(CheckpointName name, double metric) {
    metrics.put(name, metric);
  }

  void remove(CheckpointName name) {
    metrics.remove(name);
  }

  /** Returns the checkpoints that may be deleted. */
  List<CheckpointName> superfluous() {
    List<CheckpointName> rest = new ArrayList<>(metrics.descendingKeySet());
    rest.subList(0, Math.min(retention.last(), rest.size())).clear();
    rest.removeAll(best(retention.best()));
    return rest;
  }

  /** Returns the checkpoint with the best metric, if any has one; of equals the newest. */
  Optional<CheckpointName> best() {
    return best(1).stream().findFirst();
  }

  private Collection<CheckpointName> best(int count) {
    Comparator<Map.Entry<CheckpointName, Double>> byMetric = Map.Entry.comparingByValue();
    return metrics.descendingMap().entrySet().stream()
        .filter(entry -> !entry.getValue().isNaN())
        .sorted(retention.larger() ? byMetric.reversed() : byMetric)
        .limit(count)
        .map(Map.Entry::getKey)
        .toList();
  }
}

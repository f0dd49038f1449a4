package io.fabric4j.internal.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.Launch;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
  @Test
  void areWeightedByRows() {
    Launch.onRanks(
        3,
        fabric -> {
          int rank = fabric.globalRank();
          double loss = rank == 2 ? Double.NaN : rank;
          double weight = new double[] {1, 3, 0}[rank];
          assertThat(Metrics.reduce(fabric.processGroup(), Map.of("loss", loss, "one", 1), weight))
              .isEqualTo(Map.of("loss", 0.75, "one", 1.0));
          return null;
        });
  }

  @Test
  void rejectDifferentNamesOnEveryRank() {
    Launch.onRanks(
        3,
        fabric -> {
          Map<String, Integer> metrics =
              fabric.globalRank() == 2 ? Map.of("loss", 1, "recall", 1) : Map.of("loss", 1);
          assertThatThrownBy(() -> Metrics.reduce(fabric.processGroup(), metrics, 1))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(
                  "Metrics.reduce got [loss] on rank 0 and [loss, recall] on rank 2. Pass the same"
                      + " names on every rank, with weight 0 where there is nothing to report.");
          return null;
        });
  }

  @Test
  void reportAnInvalidWeightToEveryRank() {
    Launch.onRanks(
        2,
        fabric -> {
          String own = "weight is -1.0. Use a finite number that is not negative.";
          int rank = fabric.globalRank();
          assertThatThrownBy(
                  () -> Metrics.reduce(fabric.processGroup(), Map.of("a", 1), rank == 0 ? 1 : -1))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessage(rank == 1 ? own : "Metrics.reduce failed on rank 1: " + own);
          return null;
        });
  }
}

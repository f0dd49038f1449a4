package io.fabric4j.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.Fabric;
import io.fabric4j.Launch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThroughputMonitorTest {

  @Test
  void logsOnRankZeroForAllRanks() {
    List<ArrayList<String>> logs =
        Launch.onRanks(
            2,
            rank -> {
              ArrayList<String> log = new ArrayList<>();
              ThroughputMonitor monitor =
                  new ThroughputMonitor(
                      rank,
                      Throughput.builder().windowSize(2),
                      (metrics, step) -> log.add(step + " " + metrics));
              monitor.update(Progress.of(1, 1, 3));
              monitor.computeAndLog();
              monitor.update(Progress.of(2, 2, 6));
              boolean empty = monitor.computeAndLog(7).isEmpty();
              assertThat(empty).isEqualTo(!rank.isGlobalZero());
              assertThat(monitor.compute().isEmpty()).isEqualTo(empty);
              monitor.reset();
              monitor.update(Progress.of(1, 1, 3));
              monitor.computeAndLog();
              return log;
            });
    assertThat(logs.get(0))
        .containsExactly(
            "0 {time=1.0, batches=1.0, samples=3.0}",
            "7 {time=2.0, batches=2.0, samples=6.0, batches_per_sec=2.0,"
                + " device/batches_per_sec=1.0, samples_per_sec=6.0, device/samples_per_sec=3.0}",
            "8 {time=1.0, batches=1.0, samples=3.0}");
    assertThat(logs.get(1)).isEmpty();
  }

  @Test
  void needsLaunch() {
    try (Fabric fabric = Fabric.builder().devices(2).build()) {
      assertThatThrownBy(
              () -> new ThroughputMonitor(fabric, Throughput.builder(), (metrics, step) -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("before launch");
    }
  }
}

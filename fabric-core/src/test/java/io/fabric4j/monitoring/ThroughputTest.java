package io.fabric4j.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ThroughputTest {

  @Test
  void computesTotalsUntilTheWindowIsFull() {
    Throughput throughput = Throughput.builder().build();
    throughput.update(Progress.of(2, 1, 2));
    assertThat(throughput.compute()).isEqualTo(Map.of("time", 2.0, "batches", 1.0, "samples", 2.0));
  }

  @Test
  void computesRatesOverTheWindow() {
    Throughput throughput = Throughput.builder().windowSize(2).build();
    throughput.update(Progress.of(1, 1, 1).withLengths(1));
    throughput.update(Progress.of(2, 2, 2).withLengths(4));
    throughput.update(Progress.of(2.5, 3, 4).withLengths(8));
    assertThat(throughput.compute())
        .isEqualTo(
            Map.of(
                "time", 2.5,
                "batches", 3.0,
                "samples", 4.0,
                "lengths", 8.0,
                "device/batches_per_sec", 2.0,
                "device/samples_per_sec", 4.0,
                "device/items_per_sec", 8.0));
  }

  @Test
  void addsTheRatesOfAllRanks() {
    Throughput throughput =
        Throughput.builder().windowSize(2).worldSize(2).separator("|").availableFlops(50).build();
    throughput.update(Progress.of(1, 1, 3).withFlops(1000));
    throughput.update(Progress.of(2, 2, 6).withFlops(10));
    assertThat(throughput.compute())
        .containsEntry("batches_per_sec", 2.0)
        .containsEntry("samples_per_sec", 6.0)
        .containsEntry("flops_per_sec", 20.0)
        .containsEntry("device|batches_per_sec", 1.0)
        .containsEntry("device|samples_per_sec", 3.0)
        .containsEntry("device|flops_per_sec", 10.0)
        .containsEntry("device|mfu", 0.2);
  }

  @Test
  void computesUtilisationFromThePeak() {
    assertThat(mfu(Throughput.builder().availableFlops(50).sparseModel(2))).isEqualTo(0.1);
    assertThat(mfu(Throughput.builder().device("Tesla T4", DataType.FLOAT32)))
        .isEqualTo(10 / 8.1e12);
    assertThat(mfu(Throughput.builder().device("CocoNut", DataType.FLOAT32))).isNull();
  }

  @Test
  void startsAnewAfterReset() {
    Throughput throughput = Throughput.builder().windowSize(2).build();
    throughput.update(Progress.of(1, 1, 1).withLengths(2).withFlops(1));
    throughput.update(Progress.of(2, 2, 2).withLengths(4).withFlops(1));
    throughput.reset();
    throughput.update(Progress.of(1, 1, 1));
    assertThat(throughput.compute()).containsOnlyKeys("time", "batches", "samples");
  }

  @Test
  void rejectsTotalsThatDoNotIncreaseAndKeepsTheWindow() {
    Throughput throughput = Throughput.builder().build();
    throughput.update(Progress.of(2, 1, 2));
    assertThatThrownBy(() -> throughput.update(Progress.of(2, 2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected seconds to increase, but it went from 2.0 to 2.0. Pass totals since the"
                + " start, not those of the last batch.");
    assertThatThrownBy(() -> throughput.update(Progress.of(Double.NaN, 2, 3)))
        .hasMessageStartingWith("Expected seconds to increase, but it went from 2.0 to NaN.");
    assertThatThrownBy(() -> throughput.update(Progress.of(3, 2, 2)))
        .hasMessageStartingWith("Expected samples to increase, but it went from 2.0 to 2.0.");
    assertThat(throughput.compute()).containsEntry("time", 2.0).containsEntry("batches", 1.0);
  }

  @Test
  void rejectsFewerSamplesThanBatchesAndFewerLengthsThanSamples() {
    assertThatThrownBy(() -> Progress.of(0, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected samples (1) to be greater than or equal to batches (2). Pass totals since"
                + " the start.");
    assertThatThrownBy(() -> Progress.of(0, 2, 2).withLengths(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Expected lengths (1) to be greater than or equal to samples (2). Pass totals since"
                + " the start.");
  }

  @Test
  void rejectsLengthsAndFlopsThatComeOnlyAtTimes() {
    Throughput without = Throughput.builder().build();
    without.update(Progress.of(1, 1, 1));
    assertThatThrownBy(() -> without.update(Progress.of(2, 2, 2).withLengths(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "lengths came with this update but not before: rates need as many of them as samples."
                + " Pass them in every update since the start or the last reset, or in none.");
    Throughput with = Throughput.builder().build();
    with.update(Progress.of(1, 1, 1).withFlops(5));
    assertThatThrownBy(() -> with.update(Progress.of(2, 2, 2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("flops came before but not now: rates need");
  }

  @Test
  void rejectsSettingsThatCannotBe() {
    assertThatThrownBy(() -> Throughput.builder().build().compute())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("There is nothing to compute: no batch was added. Call update first.");
    Throughput.Builder builder = Throughput.builder();
    assertThatThrownBy(() -> builder.windowSize(1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("windowSize is 1. A rate needs 2 batches or more.");
    assertThatThrownBy(() -> builder.worldSize(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("worldSize is 0. There is 1 rank or more.");
    assertThatThrownBy(() -> builder.availableFlops(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("availableFlops is 0.0. A device does more than 0 operations per second.");
    assertThatThrownBy(() -> builder.sparseModel(0.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The sparse factor is 0.5. Sparsity cannot lower a peak; pass 1 or more.");
  }

  private static Double mfu(Throughput.Builder builder) {
    Throughput throughput = builder.windowSize(2).build();
    throughput.update(Progress.of(1, 1, 2).withFlops(10));
    throughput.update(Progress.of(2, 2, 4).withFlops(10));
    return throughput.compute().get("device/mfu");
  }
}

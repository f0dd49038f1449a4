package io.fabric4j.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.Fabric;
import io.fabric4j.Launch;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpikeDetectionTest {
  @TempDir private Path root;

  @Test
  void endsAllRanksWhenOneHasASpike() {
    List<Boolean> ended =
        Launch.onRanks(
            2,
            rank -> {
              SpikeDetection detection = builder().build();
              detection.onTrainBatchEnd(rank, 1, 0);
              detection.onTrainBatchEnd(rank, 1.1, 1);
              assertThatThrownBy(
                      () -> detection.onTrainBatchEnd(rank, rank.globalRank() == 1 ? 9 : 1, 2))
                  .isInstanceOf(TrainingSpikeException.class)
                  .hasMessage("Training spike detected in batch 2");
              return true;
            });
    assertThat(ended).containsExactly(true, true);
    assertThat(root.resolve("skip_batches.json")).hasContent("[\n  1,\n  2\n]");
  }

  @Test
  void needsBothTolerancesAndAWorseLoss() {
    try (Fabric fabric = Fabric.builder().build()) {
      assertThat(spikes(fabric, builder(), 1, 2.9)).isFalse();
      assertThat(spikes(fabric, builder(), 1, 3)).isTrue();
      assertThat(spikes(fabric, builder().atol(5), 1, 4)).isFalse();
      assertThat(spikes(fabric, builder().mode(SpikeDetection.Mode.MAX), 1, 9)).isFalse();
      assertThat(spikes(fabric, builder().mode(SpikeDetection.Mode.MAX), 9, -9)).isTrue();
      assertThat(spikes(fabric, builder().warmup(2), 1, 9)).isFalse();
      assertThat(spikes(fabric, builder(), 1, Double.NaN)).isTrue();
      assertThat(spikes(fabric, builder().allowNonFinite(), 1, Double.NaN, 1.5)).isFalse();
    }
  }

  @Test
  void restoresItsState() {
    try (Fabric fabric = Fabric.builder().build()) {
      SpikeDetection saved = builder().build();
      saved.onTrainBatchEnd(fabric, 1, 0);
      SpikeDetection loaded = builder().build();
      loaded.loadStateDict(saved.stateDict());
      assertThat(loaded.stateDict()).isEqualTo(saved.stateDict());
      assertThatCode(() -> loaded.onTrainBatchEnd(fabric, 9, 1))
          .isInstanceOf(TrainingSpikeException.class);
    }
  }

  @Test
  void rejectsAnEmptyWindowAndAnUnfitState() {
    assertThatThrownBy(() -> builder().window(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("window is 0. The running mean needs 1 or more losses.");
    assertThatThrownBy(() -> builder().build().loadStateDict(Map.of("x", 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The checkpoint does not fit: spike detection needs last_val, running and bad_batches,"
                + " and it has [x].");
  }

  private SpikeDetection.Builder builder() {
    return SpikeDetection.builder().excludeBatchesPath(root);
  }

  private static boolean spikes(Fabric fabric, SpikeDetection.Builder builder, double... losses) {
    SpikeDetection detection = builder.build();
    try {
      for (int i = 0; i < losses.length; i++) {
        detection.onTrainBatchEnd(fabric, losses[i], i);
      }
      return false;
    } catch (TrainingSpikeException e) {
      return true;
    }
  }
}

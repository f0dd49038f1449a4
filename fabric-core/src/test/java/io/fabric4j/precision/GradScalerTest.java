package io.fabric4j.precision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.TorchLibrary;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradScalerTest {
  @BeforeEach
  void load() {
    TorchLibrary.load();
  }

  private static boolean step(GradScaler scaler, ScaledGradients gradients, double value) {
    scaler.beginBackward();
    gradients.markScaled();
    return finish(gradients, value);
  }

  private static boolean finish(ScaledGradients gradients, double value) {
    try (FlatTensor tensor = FlatTensor.zeros(DataType.FLOAT32, 3)) {
      tensor.fill(value);
      boolean found = gradients.unscale(List.of(tensor), UnaryOperator.identity());
      gradients.stepDone();
      return found;
    }
  }

  @Test
  void growsAndBacksOff() {
    GradScaler scaler = GradScaler.builder().initScale(8).growthInterval(2).build();
    ScaledGradients gradients = scaler.register();
    assertThat(step(scaler, gradients, 1)).isFalse();
    assertThat(step(scaler, gradients, 1)).isFalse();
    assertThat(scaler.beginBackward()).isEqualTo(16);
    assertThat(step(scaler, gradients, Double.POSITIVE_INFINITY)).isTrue();
    assertThat(scaler.beginBackward()).isEqualTo(8);
    assertThat(step(scaler, gradients, Double.NaN)).isTrue();
    assertThat(scaler.stateDict()).containsEntry("scale", 4.0).containsEntry("_growth_tracker", 0L);
  }

  @Test
  void unscalesOnce() {
    ScaledGradients gradients = GradScaler.builder().initScale(4).build().register();
    gradients.markScaled();
    try (FlatTensor tensor = FlatTensor.zeros(DataType.FLOAT32, 1)) {
      tensor.fill(8);
      gradients.unscale(List.of(tensor), UnaryOperator.identity());
      gradients.unscale(List.of(tensor), UnaryOperator.identity());
      assertThat(tensor.bytes(0, 4).getFloat()).isEqualTo(2);
    }
    assertThatThrownBy(gradients::markScaled)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "backward was called after clipGradients and before step, so that scaled gradients"
                + " were added to unscaled ones. Clip after the last backward of a step.");
  }

  @Test
  void keepsTheScaleWhileAnotherOptimizerHoldsGradients() {
    GradScaler scaler = GradScaler.builder().initScale(8).build();
    ScaledGradients first = scaler.register();
    ScaledGradients second = scaler.register();
    scaler.beginBackward();
    first.markScaled();
    second.markScaled();
    assertThat(finish(first, Double.NaN)).isTrue();
    assertThat(scaler.beginBackward()).isEqualTo(8);
    assertThat(finish(second, 1)).isFalse();
    assertThat(scaler.beginBackward()).isEqualTo(4);
    assertThat(scaler.beginBackward()).isEqualTo(4);
  }

  @Test
  void restoresItsState() {
    GradScaler scaler = GradScaler.builder().build();
    scaler.loadStateDict(Map.of("scale", 2.0, "_growth_tracker", 5));
    assertThat(scaler.stateDict()).containsEntry("scale", 2.0).containsEntry("_growth_tracker", 5L);
    assertThat(scaler.fresh().scale()).isEqualTo(65536);
    assertThatThrownBy(() -> scaler.loadStateDict(Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The state of a GradScaler needs the numbers scale and _growth_tracker, got {}. Pass"
                + " what stateDict returned.");
  }

  @Test
  void rejectsSettingsOutOfBounds() {
    assertThatThrownBy(() -> GradScaler.builder().growthFactor(1).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("GradScaler's growthFactor is 1.0. It has to be above 1.");
  }
}

package io.fabric4j.internal.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.optim.GradientClipping;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/*
 * g1 = torch.tensor([3.0, -4.0, 0.5])
 * g2 = torch.tensor([1.5, -2.0, 0.25, 0.0], dtype=torch.float64)
 * for p in (1.0, 2.0, 3.0, float("inf"), 0.5):
 *     a = torch.zeros(3, requires_grad=True); a.grad = g1.clone()
 *     b = torch.zeros(4, dtype=torch.float64, requires_grad=True); b.grad = g2.clone()
 *     print(p, float(torch.nn.utils.clip_grad_norm_([a, b], 2.0, norm_type=p)), a.grad[0], b.grad[0])
 */
class GradientClipperTest {
  private NDManager manager;
  private NDArray single;
  private NDArray twice;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
    single = manager.create(new float[] {3, -4, 0.5f});
    twice = manager.create(new double[] {1.5, -2, 0.25, 0});
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private double clip(GradientClipping clipping, NDArray... arrays) {
    List<FlatTensor> gradients = List.of(arrays).stream().map(FlatTensor::of).toList();
    try {
      return new GradientClipper(clipping, gradients)
          .clipNorm(DoubleUnaryOperator.identity(), () -> Optional.of("weight"));
    } finally {
      gradients.forEach(FlatTensor::close);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 11.25, 0.5333333015441895, 0.2666666429629651",
    "2, 5.618051101794297, 1.0679857730865479, 0.5339929117143392",
    "3, 4.680188601866784, 1.2819993495941162, 0.6409996720652924",
    "Infinity, 4.0, 1.4999996423721313, 0.7499998125000469",
    "0.5, 57.427841494025685, 0.10447894036769867, 0.05223946903998866"
  })
  void equalsTorch(double p, double norm, double first, double second) {
    GradientClipping clipping = GradientClipping.byNorm(2).normType(p);
    assertThat(clip(clipping, single, twice)).isCloseTo(norm, within(norm * 1e-6));
    assertThat((double) single.getFloat(0)).isCloseTo(first, within(1e-6));
    assertThat(twice.getDouble(0)).isCloseTo(second, within(1e-6));
  }

  @Test
  void leavesSmallGradientsAlone() {
    clip(GradientClipping.byNorm(1000), single);
    assertThat(single.toFloatArray()).containsExactly(3, -4, 0.5f);
  }

  @ParameterizedTest
  @CsvSource({"2", "Infinity"})
  void combinesPartsOfSeveralRanks(double p) {
    GradientClipping clipping = GradientClipping.byNorm(2).normType(p);
    try (FlatTensor a = FlatTensor.of(single);
        FlatTensor b = FlatTensor.of(twice)) {
      double other = new GradientClipper(clipping, List.of(b)).partial();
      DoubleUnaryOperator combine =
          mine -> Double.isInfinite(p) ? Math.max(mine, other) : mine + other;
      double norm = new GradientClipper(clipping, List.of(a)).clipNorm(combine, Optional::empty);
      assertThat(norm).isCloseTo(p == 2 ? 5.618051101794297 : 4, within(1e-5));
    }
  }

  @Test
  void limitsEachElement() {
    try (FlatTensor gradient = FlatTensor.of(single)) {
      new GradientClipper(GradientClipping.byValue(1.5), List.of(gradient)).clipValue();
    }
    assertThat(single.toFloatArray()).containsExactly(1.5f, -1.5f, 0.5f);
  }

  @Test
  void rejectsNonFiniteNormAndKeepsGradients() {
    NDArray broken = manager.create(new float[] {1, Float.NaN});
    assertThatThrownBy(() -> clip(GradientClipping.byNorm(0.5), broken))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "Cannot clip gradients: their 2.0-norm is NaN, and the gradient of weight is not"
                + " finite. Skip this step, lower the learning rate, or use allowNonFinite().");
    assertThat(broken.getFloat(0)).isEqualTo(1);
  }

  @Test
  void scalesByNonFiniteNormOnRequest() {
    NDArray broken = manager.create(new float[] {1, Float.POSITIVE_INFINITY});
    assertThat(clip(GradientClipping.byNorm(1).allowNonFinite(), broken)).isInfinite();
    assertThat(broken.toFloatArray()).containsExactly(0, Float.NaN);
  }

  @Test
  void rejectsSettingsThatCannotWork() {
    assertThatThrownBy(() -> GradientClipping.byNorm(0))
        .hasMessage("The limit of gradient clipping is 0.0, but it must be above 0.");
    assertThatThrownBy(() -> GradientClipping.byNorm(1).normType(Double.NaN))
        .hasMessage("normType is NaN, but it must be above 0.");
    assertThatThrownBy(() -> GradientClipping.byValue(1).normType(1))
        .hasMessage("normType does not apply to clipping by value. Use GradientClipping.byNorm.");
    assertThatThrownBy(() -> GradientClipping.byValue(1).allowNonFinite())
        .hasMessage(
            "allowNonFinite does not apply to clipping by value. Use GradientClipping.byNorm.");
  }
}

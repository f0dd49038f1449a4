package io.fabric4j.internal.optim;

import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.optim.GradientClipping;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Supplier;

/**
 * Clips flat gradients, with one native call per buffer and operation. Where ranks hold different
 * parts of the gradients, each passes its parts and a function that combines {@link #partial} over
 * the ranks.
 */
public final class GradientClipper {
  private static final double EPSILON = 1e-6;

  private final GradientClipping clipping;
  private final List<FlatTensor> gradients;

  /**
   * Clips these gradients.
   *
   * @param gradients of any data types; padding has to be zero
   */
  public GradientClipper(GradientClipping clipping, List<FlatTensor> gradients) {
    this.clipping = clipping;
    this.gradients = List.copyOf(gradients);
  }

  /** Returns the sum of |g|^p, or the largest |g| for the infinity norm. */
  public double partial() {
    double p = clipping.normType();
    double result = 0;
    for (FlatTensor gradient : gradients) {
      double norm = gradient.norm(p);
      result = Double.isInfinite(p) ? Math.max(result, norm) : result + Math.pow(norm, p);
    }
    return result;
  }

  /** Limits each element. */
  public void clipValue() {
    gradients.forEach(gradient -> gradient.clamp(clipping.limit()));
  }

  /**
   * Scales the gradients and returns their norm before that.
   *
   * @param combine sums (infinity norm: takes the maximum of) the partial results of all ranks;
   *     identity if every rank has all gradients
   * @param culprit names a parameter with a gradient that is not finite, asked only for the error
   * @throws IllegalStateException if the norm is not finite and that is an error; the gradients are
   *     unchanged then
   */
  public double clipNorm(DoubleUnaryOperator combine, Supplier<Optional<String>> culprit) {
    double p = clipping.normType();
    double combined = combine.applyAsDouble(partial());
    double norm = Double.isInfinite(p) ? combined : Math.pow(combined, 1 / p);
    if (!Double.isFinite(norm) && !clipping.allowsNonFinite()) {
      throw new IllegalStateException(nonFinite(norm, culprit.get()));
    }
    double factor = Math.min(1, clipping.limit() / (norm + EPSILON));
    if (factor != 1) {
      gradients.forEach(gradient -> gradient.multiply(factor));
    }
    return norm;
  }

  private String nonFinite(double norm, Optional<String> culprit) {
    return "Cannot clip gradients: their "
        + clipping.normType()
        + "-norm is "
        + norm
        + culprit.map(name -> ", and the gradient of " + name + " is not finite").orElse("")
        + ". Skip this step, lower the learning rate, or use allowNonFinite().";
  }
}

package io.fabric4j.optim;

/**
 * How to limit gradients: each element, as {@code torch.nn.utils.clip_grad_value_}, or the norm of
 * all gradients together, as {@code torch.nn.utils.clip_grad_norm_}.
 *
 * <pre>{@code
 * GradientClipping.byNorm(1.0);
 * GradientClipping.byNorm(1.0).normType(Double.POSITIVE_INFINITY);
 * GradientClipping.byValue(0.5);
 * }</pre>
 */
public final class GradientClipping {

  /** What is limited. */
  public enum Mode {
    VALUE,
    NORM
  }

  private final Mode mode;
  private final double limit;
  private final double normType;
  private final boolean allowsNonFinite;

  private GradientClipping(Mode mode, double limit, double normType, boolean allowsNonFinite) {
    this.mode = mode;
    this.limit = positive("The limit of gradient clipping", limit);
    this.normType = positive("normType", normType);
    this.allowsNonFinite = allowsNonFinite;
  }

  private static double positive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " is " + value + ", but it must be above 0.");
    }
    return value;
  }

  /** Limits each element to [-limit, limit], with a limit above 0. */
  public static GradientClipping byValue(double limit) {
    return new GradientClipping(Mode.VALUE, limit, 2, true);
  }

  /**
   * Scales all gradients by {@code min(1, maxNorm / (norm + 1e-6))}, with the 2-norm. A norm that
   * is infinite or NaN is an error. An infinite {@code maxNorm} only measures.
   */
  public static GradientClipping byNorm(double maxNorm) {
    return new GradientClipping(Mode.NORM, maxNorm, 2, false);
  }

  /**
   * Returns this clipping with the p-norm, p above 0; infinity takes the largest magnitude.
   *
   * @throws IllegalStateException if clipping is by value
   */
  public GradientClipping normType(double p) {
    requireNorm("normType");
    return new GradientClipping(mode, limit, p, allowsNonFinite);
  }

  /**
   * Returns this clipping without the error for an infinite or NaN norm; all gradients are then
   * scaled by 0 or NaN, as in torch.
   *
   * @throws IllegalStateException if clipping is by value
   */
  public GradientClipping allowNonFinite() {
    requireNorm("allowNonFinite");
    return new GradientClipping(mode, limit, normType, true);
  }

  private void requireNorm(String setting) {
    if (mode != Mode.NORM) {
      throw new IllegalStateException(
          setting + " does not apply to clipping by value. Use GradientClipping.byNorm.");
    }
  }

  public Mode mode() {
    return mode;
  }

  /** Returns the largest magnitude of an element or the largest norm. */
  public double limit() {
    return limit;
  }

  public double normType() {
    return normType;
  }

  public boolean allowsNonFinite() {
    return allowsNonFinite;
  }
}

package io.fabric4j.internal.precision;

/**
 * Notices gradients of a rank that were not computed by {@code fabric.backward}. Gradient hooks
 * report here, on autograd's threads; because hooks must not throw, the next {@link #check} does.
 */
public final class BackwardGuard {
  private final boolean required;
  private volatile boolean entered;
  private volatile boolean bypassed;

  /**
   * Creates a guard.
   *
   * @param required whether gradients are wrong without {@code fabric.backward}
   */
  public BackwardGuard(boolean required) {
    this.required = required;
  }

  /** Begins a {@code fabric.backward}. */
  public void enter() {
    entered = true;
  }

  /** Ends a {@code fabric.backward}, also a failed one. */
  public void leave() {
    entered = false;
  }

  /** Notes that a parameter receives a gradient. */
  public void onGradient() {
    if (required && !entered) {
      bypassed = true;
    }
  }

  /** Forgets gradients that are dropped. */
  public void reset() {
    bypassed = false;
  }

  /**
   * Checks that all gradients came from {@code fabric.backward}.
   *
   * @param method the call that is about to use them
   * @throws IllegalStateException if not
   */
  public void check(String method) {
    if (bypassed) {
      throw new IllegalStateException(
          method
              + " found gradients that were not computed by fabric.backward. This precision or"
              + " strategy needs it: call fabric.backward(loss) instead of"
              + " GradientCollector.backward, after zeroGrad.");
    }
  }
}

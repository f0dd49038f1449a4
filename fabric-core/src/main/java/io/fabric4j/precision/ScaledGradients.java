package io.fabric4j.precision;

import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.Unscale;
import java.util.List;
import java.util.function.UnaryOperator;

/** Whether one optimizer's gradients are multiplied by the loss scale; for optimizers to use. */
public final class ScaledGradients {
  private final GradScaler scaler;
  private boolean scaled;
  private boolean unscaled;
  private boolean foundInf;

  ScaledGradients(GradScaler scaler) {
    this.scaler = scaler;
  }

  /**
   * Notes that a scaled backward has added to the gradients.
   *
   * @throws IllegalStateException if they have been unscaled, by clipping, since the last step
   */
  public void markScaled() {
    if (unscaled) {
      throw new IllegalStateException(
          "backward was called after clipGradients and before step, so that scaled gradients were"
              + " added to unscaled ones. Clip after the last backward of a step.");
    }
    scaled = scaler.isEnabled();
  }

  boolean isScaled() {
    return scaled;
  }

  /**
   * Divides the gradients by the scale, once until the next step however often it is called.
   *
   * @param overRanks tells whether any rank found one; identity if all have the same gradients
   * @return whether any of them is infinite or not a number
   */
  public boolean unscale(List<FlatTensor> gradients, UnaryOperator<Boolean> overRanks) {
    if (scaled) {
      for (FlatTensor gradient : gradients) {
        foundInf |= Unscale.run(gradient, scaler.scale());
      }
      foundInf = overRanks.apply(foundInf);
      scaled = false;
      unscaled = true;
    }
    return foundInf;
  }

  /** Returns whether the last {@link #unscale} found a non-finite gradient. */
  public boolean hasFoundInf() {
    return foundInf;
  }

  /** Ends a step, taken or skipped. */
  public void stepDone() {
    if (unscaled) {
      scaler.stepped(this, foundInf);
    }
    clear();
  }

  /** Forgets gradients that are set to zero. */
  public void clear() {
    scaled = false;
    unscaled = false;
    foundInf = false;
  }
}

package io.fabric4j.optim;

/** Adam with decoupled weight decay, as {@code torch.optim.AdamW}. */
public final class AdamW {

  private AdamW() {}

  /** Returns a builder with torch's defaults: learning rate 1e-3, weight decay 0.01. */
  public static Adam.Builder builder() {
    return new Adam.Builder(0.01, true);
  }
}

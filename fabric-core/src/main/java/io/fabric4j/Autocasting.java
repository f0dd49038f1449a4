package io.fabric4j;

import io.fabric4j.internal.torch.Autocast;

/** Operations of this thread run in the precision's compute type until this is closed. */
public final class Autocasting implements AutoCloseable {
  private final Autocast autocast;

  /** Wraps libtorch's switch; null in modes that are not mixed. */
  Autocasting(Autocast autocast) {
    this.autocast = autocast;
  }

  @Override
  public void close() {
    if (autocast != null) {
      autocast.close();
    }
  }
}

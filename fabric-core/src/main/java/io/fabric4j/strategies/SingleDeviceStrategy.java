package io.fabric4j.strategies;

import io.fabric4j.distributed.ProcessGroup;

/** Trains on one device, without communication. */
public final class SingleDeviceStrategy implements Strategy {
  private static final long serialVersionUID = 1;

  @Override
  public String name() {
    return "single_device";
  }

  @Override
  public boolean isDistributed() {
    return false;
  }

  @Override
  public GradientSynchronizer setup(FlatModel model, ProcessGroup group) {
    return new GradientSynchronizer() {
      @Override
      public void beforeForward(int source) {}

      @Override
      public void afterBackward() {}

      @Override
      public void close() {}
    };
  }
}

package io.fabric4j.strategies;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.FlatParameters;

/** Trains on one device, without communication. */
public final class SingleDeviceStrategy implements Strategy {

  @Override
  public String name() {
    return "single_device";
  }

  @Override
  public GradientSynchronizer setup(FlatParameters parameters, ProcessGroup group) {
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

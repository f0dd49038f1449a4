package io.fabric4j.strategies;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.FlatParameters;

/** How the ranks train one model together. */
public interface Strategy {

  /** Returns the name by which the strategy is chosen, for example {@code ddp}. */
  String name();

  /**
   * Prepares a model. Every rank calls it for the same models in the same order.
   *
   * @param parameters the model's flat parameters and gradients
   * @param group the ranks
   */
  GradientSynchronizer setup(FlatParameters parameters, ProcessGroup group);
}

package io.fabric4j.strategies;

import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;

/**
 * How the ranks train one model together. A user's own is passed to {@code
 * Fabric.builder().strategy(...)}, or found by its name if {@link java.util.ServiceLoader} knows
 * it. Ranks get copies by serialization; an instance holds settings, no state of a run.
 */
public interface Strategy extends Serializable {

  /** Returns the name by which the strategy is chosen, for example {@code ddp}. */
  String name();

  /**
   * Prepares a model. Every rank calls it for the same models in the same order.
   *
   * @param model the model's flat parameters and gradients
   * @param group the ranks
   */
  GradientSynchronizer setup(FlatModel model, ProcessGroup group);

  /**
   * Returns whether ranks train different rows, so that data loaders share out their rows and
   * gradients are combined.
   */
  default boolean isDistributed() {
    return true;
  }

  /**
   * Returns whether gradients can be accumulated without communication. Otherwise {@code
   * Fabric.noBackwardSync} warns and synchronizes each backward.
   */
  default boolean supportsNoBackwardSync() {
    return true;
  }
}

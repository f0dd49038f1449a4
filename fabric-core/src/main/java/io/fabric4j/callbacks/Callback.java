package io.fabric4j.callbacks;

import io.fabric4j.Fabric;
import io.fabric4j.FabricBlock;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.strategies.Strategy;

/**
 * The hooks that Fabric calls itself. A callback need not implement this interface: any object with
 * a method of a hook's name takes part, for these hooks and for those that a loop calls by name.
 * Implementations registered for {@link java.util.ServiceLoader} are added to every run.
 */
public interface Callback {

  /** Runs on every rank when a block and its optimizer have been set up. */
  default void onAfterSetup(Fabric fabric, FabricBlock block) {}

  /** Runs on every rank after each step of an optimizer. */
  default void onAfterOptimizerStep(Strategy strategy, FabricOptimizer optimizer) {}
}

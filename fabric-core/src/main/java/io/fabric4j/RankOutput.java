package io.fabric4j;

import io.fabric4j.monitoring.EpochProgress;
import java.util.Map;

/**
 * What a rank tells its launcher while it runs. Called on the rank's thread, within the training
 * loop: it has to return at once.
 */
@FunctionalInterface
public interface RankOutput {

  /** Writes a line of {@link Fabric#print}; on rank 0 only. */
  void print(String line);

  /**
   * Takes what {@link Fabric#log} and {@link Fabric#logDict} logged; on rank 0 only.
   *
   * @param metrics by name, groups joined by {@code /}
   */
  default void metrics(Map<String, Double> metrics, long step) {}

  /** Takes how far a loop over a data loader is: after each backward in it, and at its end. */
  default void trained(EpochProgress progress) {}
}

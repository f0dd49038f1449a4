package io.fabric4j;

import io.fabric4j.precision.Precision;
import java.io.Serializable;
import java.util.Objects;

/**
 * What {@link Fabric.Builder} was told, with names resolved. Launchers ship it to the ranks.
 *
 * @param accelerator {@code cpu}
 * @param strategy {@code auto}, {@code single_device} or {@code ddp}
 * @param precision numeric types
 * @param threads threads that one native operation of a rank may use; 0 divides the host's cores
 *     among its ranks
 */
public record FabricOptions(String accelerator, String strategy, Precision precision, int threads)
    implements Serializable {

  public FabricOptions {
    Objects.requireNonNull(accelerator, "accelerator is null");
    Objects.requireNonNull(strategy, "strategy is null");
    Objects.requireNonNull(precision, "precision is null");
  }
}

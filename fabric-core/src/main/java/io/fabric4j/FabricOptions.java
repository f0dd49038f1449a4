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
 * @param flushDenormals whether numbers too small for the normal format count as zero
 */
public record FabricOptions(
    String accelerator, String strategy, Precision precision, int threads, boolean flushDenormals)
    implements Serializable {

  public FabricOptions {
    Objects.requireNonNull(accelerator, "accelerator is null");
    Objects.requireNonNull(strategy, "strategy is null");
    Objects.requireNonNull(precision, "precision is null");
  }

  /** Returns these options with another number of threads. */
  public FabricOptions withThreads(int count) {
    return new FabricOptions(accelerator, strategy, precision, count, flushDenormals);
  }
}

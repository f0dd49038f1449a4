package io.fabric4j;

import ai.djl.Device;
import io.fabric4j.monitoring.EpochProgress;
import java.util.List;
import java.util.Map;

/**
 * What a rank tells its launcher while it runs. Called within the training loop, so it has to
 * return at once; on the rank's thread, but for {@link #saved}.
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

  /**
   * Takes how far a loop over a data loader is: after each backward in it, and at its end.
   *
   * @param state of the rank, to be asked within this call
   */
  default void trained(EpochProgress progress, State state) {}

  /**
   * Takes that a checkpoint is complete; on rank 0 only, on the thread that wrote it.
   *
   * @param path as passed to {@link Fabric#save}, or within the folder of a run
   */
  default void saved(String path, long bytes) {}

  /** What can be asked of a rank that trains. */
  interface State {

    /** Returns the learning rates of all optimizers' parameter groups; NaN where it is unknown. */
    List<Double> learningRates();

    /** Returns the gradients' norm before they were last clipped, NaN if they have not been. */
    double gradientNorm();

    /** Returns where the rank computes. */
    Device device();

    /** Returns the account of {@link Fabric#explain}. */
    String explain();
  }
}

package io.fabric4j;

import io.fabric4j.loggers.Logger;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.Precision;
import io.fabric4j.strategies.Strategy;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * What {@link FabricBuilder} was told, with names resolved. Launchers ship it to the ranks; with
 * several, all in it must be serializable, and each rank gets a copy.
 *
 * @param accelerator {@code auto}, {@code cpu} or {@code cuda}
 * @param devices where ranks run, one entry each: {@code cpu}, {@code cuda:1} (counting the GPUs
 *     that the process sees), or the address that a scheduler has for the GPU, a number on the host
 *     or a UUID. A rank uses the first entry; without one it chooses by local rank
 * @param strategy how ranks train; null chooses by their number
 * @param precision numeric types
 * @param kernels how libtorch runs a rank's operations
 * @param plugins objects that users pass
 * @param run where checkpoints of the run go; null for nowhere
 */
public record FabricOptions(
    String accelerator,
    List<String> devices,
    Strategy strategy,
    Precision precision,
    KernelOptions kernels,
    Plugins plugins,
    RunOptions run)
    implements Serializable {

  public FabricOptions {
    Objects.requireNonNull(accelerator, "accelerator is null");
    devices = List.copyOf(devices);
    Objects.requireNonNull(precision, "precision is null");
    Objects.requireNonNull(kernels, "kernels is null");
    Objects.requireNonNull(plugins, "plugins is null");
  }

  /**
   * Objects that users pass.
   *
   * @param callbacks objects with hooks, called in this order
   * @param loggers where metrics go
   * @param scaler of 16-mixed; null for the default one
   */
  public record Plugins(List<Object> callbacks, List<Logger> loggers, GradScaler scaler)
      implements Serializable {

    /** No plugins. */
    public static final Plugins NONE = new Plugins(List.of(), List.of(), null);

    public Plugins {
      callbacks = List.copyOf(callbacks);
      loggers = List.copyOf(loggers);
    }
  }

  /** Returns these options for ranks on these devices. */
  public FabricOptions withDevices(List<String> values) {
    return new FabricOptions(accelerator, values, strategy, precision, kernels, plugins, run);
  }

  /** Returns these options with another number of threads. */
  public FabricOptions withThreads(int count) {
    return new FabricOptions(
        accelerator, devices, strategy, precision, kernels.withThreads(count), plugins, run);
  }

  /** Returns these options with another strategy, null for the default. */
  public FabricOptions withStrategy(Strategy value) {
    return new FabricOptions(accelerator, devices, value, precision, kernels, plugins, run);
  }

  /** Returns these options for a run, null for none. */
  public FabricOptions withRun(RunOptions value) {
    return new FabricOptions(accelerator, devices, strategy, precision, kernels, plugins, value);
  }

  /** Returns these options with other plugins. */
  public FabricOptions withPlugins(Plugins value) {
    return new FabricOptions(accelerator, devices, strategy, precision, kernels, value, run);
  }
}

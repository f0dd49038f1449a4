package io.fabric4j;

import io.fabric4j.internal.Connector;
import io.fabric4j.internal.DeviceChoice;
import io.fabric4j.internal.DeviceConnector;
import io.fabric4j.loggers.Logger;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.MatmulPrecision;
import io.fabric4j.strategies.Strategy;
import java.util.List;
import java.util.Objects;

/** Builds a {@link Fabric}: by default one device, strategy auto, precision 32-true. */
public final class FabricBuilder {
  private String accelerator = "auto";
  private String strategyName = "auto";
  private Strategy strategy;
  private String precision = "32-true";
  private DeviceChoice devices = DeviceChoice.of(1);
  private KernelOptions kernels = KernelOptions.DEFAULT;
  private FabricOptions.Plugins plugins = FabricOptions.Plugins.NONE;
  private RunOptions run;

  FabricBuilder() {}

  /**
   * Chooses {@code cpu}, {@code cuda} (or {@code gpu}), or {@code auto}, the default: CUDA if there
   * are GPUs for all ranks of the host that libtorch can use, else the CPU for all, with a warning
   * if there are some. Decided on the host where a rank runs.
   */
  public FabricBuilder accelerator(String name) {
    accelerator = name;
    return this;
  }

  /**
   * Chooses {@code auto} (by the number of devices), {@code single_device}, {@code ddp}, {@code
   * ddp_find_unused_parameters_true} (the same as ddp, which always finds them), {@code
   * zero_stage_1}, {@code zero_stage_2} or {@code zero} (stage 2), or a strategy that the service
   * loader knows.
   */
  public FabricBuilder strategy(String name) {
    strategyName = name;
    strategy = null;
    return this;
  }

  /** Chooses a strategy of one's own. */
  public FabricBuilder strategy(Strategy instance) {
    strategy = Objects.requireNonNull(instance, "instance is null");
    return this;
  }

  /**
   * Chooses the numeric types: {@code 32-true}, {@code 64-true}, {@code 16-true}, {@code
   * bf16-true}, {@code 16-mixed} or {@code bf16-mixed}; see {@link
   * io.fabric4j.precision.Precision}.
   */
  public FabricBuilder precision(String id) {
    precision = id;
    return this;
  }

  /**
   * Sets the number of ranks that {@link Fabric#launch} starts in this process; with GPUs, each
   * gets one, counted from 0.
   *
   * @param count 1, the default, or more; -1 for every GPU that the process sees, or one CPU
   * @throws IllegalArgumentException if it is 0 or below -1
   */
  public FabricBuilder devices(int count) {
    devices = DeviceChoice.of(count);
    return this;
  }

  /**
   * Sets the GPUs of the ranks that {@link Fabric#launch} starts in this process, in the order of
   * ranks. The accelerator auto insists on them.
   *
   * @param gpus different numbers, counting the GPUs that the process sees from 0
   * @throws IllegalArgumentException if there is none, one is negative, or one is there twice
   */
  public FabricBuilder devices(List<Integer> gpus) {
    devices = DeviceChoice.of(gpus);
    return this;
  }

  /**
   * Sets devices in words: {@code auto} or {@code -1} as {@code devices(-1)}, {@code 2} for two
   * devices, {@code 1,3} for these GPUs, {@code 1,} for this GPU.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  public FabricBuilder devices(String choice) {
    devices = DeviceChoice.of(choice);
    return this;
  }

  /**
   * Sets how many threads one native operation of a rank may use; 0, the default, divides the cores
   * among the ranks.
   */
  public FabricBuilder threads(int count) {
    kernels = kernels.withThreads(count);
    return this;
  }

  /**
   * Chooses whether numbers below about 1e-38 count as zero (false by default, as in torch). CPUs
   * are slow with them, and Adam's moments become so small where gradients stay zero.
   */
  public FabricBuilder flushDenormals(boolean flush) {
    kernels = kernels.withFlushDenormals(flush);
    return this;
  }

  /**
   * Chooses how exactly float32 matrices are multiplied: {@code highest} (the default, as in
   * torch), {@code high} (on GPUs in TF32) or {@code medium}. It holds for the process, until a
   * Fabric with another choice is made.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  public FabricBuilder matmulPrecision(String name) {
    kernels = kernels.withMatmulPrecision(MatmulPrecision.of(name));
    return this;
  }

  /**
   * Chooses whether images and the filters of convolutions are stored with their channels side by
   * side (torch's {@code channels_last}; false by default), which convolutions in 16-bit types are
   * fast with on GPUs. Shapes and checkpoints stay as they are.
   */
  public FabricBuilder channelsLast(boolean last) {
    kernels = kernels.withChannelsLast(last);
    return this;
  }

  /**
   * Sets the objects whose hooks {@link Fabric#call} runs, in this order. With several ranks each
   * gets copies, so they must be serializable.
   */
  public FabricBuilder callbacks(Object... objects) {
    plugins = new FabricOptions.Plugins(List.of(objects), plugins.loggers(), plugins.scaler());
    return this;
  }

  /** Sets where {@link Fabric#log} writes, on rank 0; serializable as {@link #callbacks}. */
  public FabricBuilder loggers(Logger... loggers) {
    plugins = new FabricOptions.Plugins(plugins.callbacks(), List.of(loggers), plugins.scaler());
    return this;
  }

  /** Sets the loss scaling of 16-mixed. */
  public FabricBuilder scaler(GradScaler scaler) {
    plugins = new FabricOptions.Plugins(plugins.callbacks(), plugins.loggers(), scaler);
    return this;
  }

  /** Sets where {@link Fabric#resume} finds and leaves the checkpoints of the run. */
  public FabricBuilder run(RunOptions options) {
    if (options.id().isEmpty()) {
      throw new IllegalArgumentException(
          "The run has no id, and there is no launcher that names it. Use RunOptions.of.");
    }
    run = options;
    return this;
  }

  /**
   * Returns the settings for a launcher.
   *
   * @throws IllegalArgumentException if a name is unknown, a number out of range, or a scaler given
   *     to another precision than 16-mixed
   * @throws FabricException if the strategy is known, but not available
   */
  public FabricOptions options() {
    FabricOptions options = Connector.options(accelerator, strategyName, precision, kernels);
    FabricOptions complete =
        options.withPlugins(Connector.plugins(plugins, options.precision())).withRun(run);
    return strategy == null ? complete : complete.withStrategy(strategy);
  }

  /**
   * Returns a Fabric for this process; with several devices all that it can do is launch.
   *
   * @throws IllegalArgumentException as {@link #options}; or if GPUs were chosen by number for the
   *     accelerator cpu
   * @throws FabricException as {@link #options}; or if the chosen GPUs are not there or libtorch
   *     cannot use them
   */
  public Fabric build() {
    FabricOptions options = options();
    List<String> places = DeviceConnector.devices(options.accelerator(), devices);
    return new Fabric(options.withDevices(places), places.size());
  }
}

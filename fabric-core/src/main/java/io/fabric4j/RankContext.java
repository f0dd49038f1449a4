package io.fabric4j;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.Connector;
import io.fabric4j.internal.callbacks.CallbackDispatcher;
import io.fabric4j.internal.collectives.DifferentiableCollectives;
import io.fabric4j.internal.precision.BackwardGuard;
import io.fabric4j.internal.precision.RankPrecision;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.Precision;
import io.fabric4j.strategies.Strategy;

/**
 * What the objects of one rank share.
 *
 * @param group the ranks
 * @param strategy how they train
 * @param precision casts, autocast and loss scaling
 * @param channelsLast whether images have their channels side by side
 * @param guard notices gradients that Fabric did not compute
 * @param callbacks hooks to run
 * @param tracker the batch that the rank's loop is working on
 * @param forwards notes forwards of a step that is captured
 * @param differentiable collectives within the graph
 * @param manager owner of arrays that live as long as the rank's Fabric, on its device
 * @param hostManager owner of such arrays in CPU memory
 */
record RankContext(
    ProcessGroup group,
    Strategy strategy,
    RankPrecision precision,
    boolean channelsLast,
    BackwardGuard guard,
    CallbackDispatcher callbacks,
    BatchTracker tracker,
    ForwardRecorder forwards,
    DifferentiableCollectives differentiable,
    NDManager manager,
    NDManager hostManager) {

  /**
   * Creates what a rank's objects share; loads the native libraries if need be.
   *
   * @param worldSize number of ranks that will train, launched or not
   * @param device the rank's
   */
  static RankContext create(
      FabricOptions options, int worldSize, ProcessGroup group, Device device) {
    TorchLibrary.load();
    Strategy strategy = Connector.strategy(options.strategy(), worldSize);
    NDManager manager = NDManager.newBaseManager(device, "PyTorch");
    manager.setName("fabric");
    RankPrecision precision = precision(options, device);
    return new RankContext(
        group,
        strategy,
        precision,
        options.kernels().channelsLast(),
        new BackwardGuard(precision.requiresBackward() || strategy.isDistributed()),
        CallbackDispatcher.withServices(options.plugins().callbacks()),
        new BatchTracker(),
        new ForwardRecorder(),
        new DifferentiableCollectives(group),
        manager,
        manager.getDevice().isGpu() ? manager.newSubManager(Device.cpu()) : manager);
  }

  /** Drops the scaler if the device turns 16-mixed into a mode that does not scale the loss. */
  private static RankPrecision precision(FabricOptions options, Device device) {
    Precision mode = options.precision().forDevice(device);
    GradScaler scaler = options.plugins().scaler();
    boolean scales = scaler != null && mode == options.precision();
    return new RankPrecision(mode, device, scales ? scaler.fresh() : null);
  }
}

package io.fabric4j;

import ai.djl.Device;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.DeviceConnector;
import io.fabric4j.internal.nccl.NcclProcessGroup;

/**
 * Runs a function as one rank on the calling thread. For launchers; users call {@link
 * Fabric#launch} or Spark's launcher.
 */
public final class RankRunner {

  private RankRunner() {}

  /**
   * Builds the rank's Fabric and runs the function. A failure aborts the group, so that the other
   * ranks end too.
   *
   * @param group connected ranks, for the caller to close
   * @param checkpointIO where save and load go
   * @param output what is told how the rank gets on
   */
  public static <R> R run(
      FabricOptions options,
      RankInfo rank,
      ProcessGroup group,
      CheckpointIO checkpointIO,
      RankOutput output,
      FabricFunction<R> function)
      throws Exception {
    ProcessGroup ranks = group;
    try {
      Device device = DeviceConnector.device(options, rank, group);
      ranks = connect(group, device);
      RankContext context = RankContext.create(options, rank.worldSize(), ranks, device);
      try (Fabric fabric =
          new Fabric(options, rank.worldSize(), rank, context, checkpointIO, output)) {
        return fabric.runToEnd(function);
      }
    } catch (Throwable e) {
      ranks.abort(e);
      throw e;
    } finally {
      if (ranks != group) {
        ranks.close();
      }
    }
  }

  /** Returns a group whose collectives reach the memory of the ranks' devices. */
  private static ProcessGroup connect(ProcessGroup group, Device device) {
    return device.isGpu() && group.size() > 1 ? NcclProcessGroup.create(group, device) : group;
  }
}

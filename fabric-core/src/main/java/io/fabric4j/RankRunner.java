package io.fabric4j;

import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.DeviceConnector;

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
   * @param group connected ranks; stays open
   * @param checkpointIO where save and load go
   * @param printer where rank 0 prints
   */
  public static <R> R run(
      FabricOptions options,
      RankInfo rank,
      ProcessGroup group,
      CheckpointIO checkpointIO,
      FabricPrinter printer,
      FabricFunction<R> function)
      throws Exception {
    try (Fabric fabric =
        new Fabric(
            options,
            rank.worldSize(),
            rank,
            RankContext.create(
                options, rank.worldSize(), group, DeviceConnector.device(options, rank, group)),
            checkpointIO,
            printer)) {
      return function.run(fabric);
    } catch (Throwable e) {
      group.abort(e);
      throw e;
    }
  }
}

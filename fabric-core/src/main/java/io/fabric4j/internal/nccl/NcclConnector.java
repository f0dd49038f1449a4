package io.fabric4j.internal.nccl;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.distributed.Call;
import io.fabric4j.internal.distributed.CallMirror;
import io.fabric4j.internal.distributed.Operation;
import java.time.Duration;
import java.util.List;

/** The way of a rank from a host group to collectives on its GPU. */
final class NcclConnector {
  private static final Call JOIN = Call.plain(0, Operation.JOIN, Call.NO_ROOT);

  private NcclConnector() {}

  /**
   * Connects the GPUs of all ranks, which must all call this. If one fails, the host group ends on
   * all.
   *
   * @param device number of this rank's GPU
   */
  static DeviceCollectives connect(ProcessGroup host, int device) {
    try {
      NcclLibrary.load();
      requireOneVersion(host.allGatherObject(NcclLibrary.version()));
      UniqueId id = host.broadcastObject(host.rank() == 0 ? UniqueId.create() : null, 0);
      CallMirror mirror = CallMirror.open(host);
      try {
        return connect(host, device, id, mirror);
      } catch (RuntimeException | Error e) {
        mirror.fail(e);
        mirror.close();
        throw e;
      }
    } catch (RuntimeException | Error e) {
      host.abort(e);
      throw e;
    }
  }

  private static DeviceCollectives connect(
      ProcessGroup host, int device, UniqueId id, CallMirror mirror) {
    long start = System.nanoTime();
    NcclCommunicator communicator =
        NcclCommunicator.connect(
            host.rank(), host.size(), id, device, () -> requireProgress(mirror, start));
    return new DeviceCollectives(mirror, communicator, "fabric4j-rank-" + host.rank() + "-nccl");
  }

  private static void requireProgress(CallMirror mirror, long start) {
    if (Thread.currentThread().isInterrupted()) {
      mirror.failInterrupted();
    }
    if (mirror.hasFailed()) {
      throw mirror.failure(JOIN);
    }
    Duration timeout = mirror.callTimeout();
    if (System.nanoTime() - start > timeout.toNanos()) {
      throw new FabricException(
          mirror.prefix()
              + " NCCL did not connect the GPUs of all ranks within "
              + timeout.toMillis()
              + " ms. Run with the environment variable NCCL_DEBUG=INFO; where hosts have several"
              + " networks, set NCCL_SOCKET_IFNAME.");
    }
  }

  static void requireOneVersion(List<Integer> versions) {
    for (int rank = 1; rank < versions.size(); rank++) {
      if (!versions.get(rank).equals(versions.get(0))) {
        throw new FabricException(
            "Rank 0 has NCCL "
                + NcclStatus.versionName(versions.get(0))
                + ", but rank "
                + rank
                + " has "
                + NcclStatus.versionName(versions.get(rank))
                + ". NCCL connects equal versions only: use one libtorch or one "
                + NcclNatives.SETTING
                + " on all hosts.");
      }
    }
  }
}

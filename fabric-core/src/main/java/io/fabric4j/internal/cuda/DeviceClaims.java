package io.fabric4j.internal.cuda;

import ai.djl.Device;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.RankInfo;
import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds ranks that chose the same GPU, or devices of different kinds. */
public final class DeviceClaims {

  private DeviceClaims() {}

  /**
   * What a rank is about to use.
   *
   * @param gpu address of the GPU, empty for the CPU
   */
  record Claim(int rank, String host, String gpu) implements Serializable {

    @Override
    public String toString() {
      return "rank " + rank + " on " + host;
    }
  }

  /**
   * Compares the devices of all ranks. Every rank must call this; all throw the same error.
   *
   * @throws FabricException if the ranks cannot train together
   */
  public static void check(RankInfo rank, Device device, CudaHost cuda, ProcessGroup group) {
    String gpu = device.isGpu() ? cuda.devices().get(device.getDeviceId()).address() : "";
    check(group.allGatherObject(new Claim(rank.globalRank(), rank.host(), gpu)));
  }

  static void check(List<Claim> claims) {
    Claim first = claims.get(0);
    Map<String, Claim> owners = new HashMap<>();
    for (Claim claim : claims) {
      if (claim.gpu().isEmpty() != first.gpu().isEmpty()) {
        throw mixed(first, claim);
      }
      Claim owner = owners.putIfAbsent(claim.gpu(), claim);
      if (owner != null && !claim.gpu().isEmpty()) {
        throw shared(owner, claim);
      }
    }
  }

  private static FabricException mixed(Claim first, Claim other) {
    Claim withGpu = first.gpu().isEmpty() ? other : first;
    return new FabricException(
        "The ranks do not agree on a device: "
            + withGpu
            + " uses "
            + withGpu.gpu()
            + ", "
            + (withGpu.equals(first) ? other : first)
            + " has no GPU that it can use. Choose the accelerator 'cpu' for all, or 'cuda' to see"
            + " why it has none.");
  }

  private static FabricException shared(Claim owner, Claim other) {
    return new FabricException(
        "Two ranks would use one GPU: "
            + owner
            + " and "
            + other
            + " were both given "
            + owner.gpu()
            + ". Each rank needs its own. Set spark.executor.resource.gpu.amount to the GPUs of an"
            + " executor and spark.task.resource.gpu.amount to 1, let each executor's discovery"
            + " script report only GPUs that no other executor has, and without Spark's GPU"
            + " scheduling run one executor per host.");
  }
}

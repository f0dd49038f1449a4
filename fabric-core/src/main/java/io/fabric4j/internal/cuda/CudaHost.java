package io.fabric4j.internal.cuda;

import ai.djl.Device;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.torch.CudaBackend;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The GPUs that ranks of this process may use.
 *
 * @param driver what NVIDIA's driver says
 * @param visible value of CUDA_VISIBLE_DEVICES, null if it is not set
 * @param backend what libtorch can do; asked only if there is a GPU
 */
public record CudaHost(CudaDriver driver, String visible, Supplier<CudaBackend> backend) {

  /** What a number among this process's GPUs starts with, as in torch: {@code cuda:1}. */
  public static final String ORDINAL = "cuda:";

  /** Returns this process's. */
  public static CudaHost local() {
    return new CudaHost(
        CudaDriver.system(), System.getenv("CUDA_VISIBLE_DEVICES"), CudaBackend::loaded);
  }

  public List<CudaDevice> devices() {
    return driver.devices();
  }

  /** Returns why no GPU can be used here, empty if one can. */
  public String problem() {
    if (devices().isEmpty()) {
      return "no GPU is visible: "
          + driver.problem()
          + "; CUDA_VISIBLE_DEVICES is "
          + (visible == null ? "not set" : "'" + visible + "'")
          + ". Run nvidia-smi as the user and in the container of this process.";
    }
    CudaBackend torch = backend.get();
    if (!torch.hasKernels()) {
      return "the libtorch in "
          + torch.folder()
          + " was built for CPUs, though "
          + seen()
          + ". Set PYTORCH_LIBRARY_PATH to a CUDA libtorch, or replace pytorch-native-cpu on the"
          + " class path by pytorch-native-cu*, or leave it out and let DJL download the one that"
          + " PYTORCH_FLAVOR names, such as cu124.";
    }
    if (driver.version() / 1000 < torch.cudaMajor()) {
      return "NVIDIA's driver runs CUDA up to "
          + CudaDriver.text(driver.version())
          + ", but the libtorch in "
          + torch.folder()
          + " was built for CUDA "
          + torch.cudaMajor()
          + ". Update the driver, or choose a libtorch for an older CUDA.";
    }
    return torch.available()
        ? ""
        : "the CUDA libtorch in "
            + torch.folder()
            + " cannot use a GPU, though "
            + seen()
            + ". Compare its CUDA version with the driver's, "
            + CudaDriver.text(driver.version())
            + ".";
  }

  /** Returns {@code this process sees GPU 0 (...), GPU 1 (...)}. */
  public String seen() {
    return "this process sees "
        + devices().stream().map(CudaDevice::toString).collect(Collectors.joining(", "));
  }

  /**
   * Returns the GPU of a rank.
   *
   * @param address where the launcher placed the rank; empty to count by local rank
   * @throws FabricException if the rank has no GPU
   */
  public Device device(RankInfo rank, String address) {
    requireUsable(rank, address);
    return Device.gpu(address.isEmpty() ? byLocalRank(rank) : byAddress(rank, address));
  }

  /**
   * Makes sure that a rank can use GPUs.
   *
   * @throws FabricException if no GPU can be used here
   */
  public void requireUsable(RankInfo rank, String address) {
    String problem = problem();
    if (!problem.isEmpty()) {
      throw new FabricException(
          prefix(rank)
              + "The accelerator 'cuda' is not available"
              + (address.isEmpty() ? "" : ", though the rank was given GPU '" + address + "'")
              + ": "
              + problem
              + " To train without GPUs choose 'cpu'.");
    }
  }

  private int byLocalRank(RankInfo rank) {
    if (rank.localRank() >= devices().size()) {
      throw new FabricException(
          prefix(rank)
              + "Local rank "
              + rank.localRank()
              + " of "
              + rank.localWorldSize()
              + " on host "
              + rank.host()
              + " has no GPU of its own: "
              + seen()
              + ". Start at most "
              + devices().size()
              + " on this host, or choose 'cpu'.");
    }
    return rank.localRank();
  }

  private int byAddress(RankInfo rank, String address) {
    return new GpuAddress(devices(), visible)
        .find(address)
        .map(CudaDevice::ordinal)
        .orElseThrow(() -> new FabricException(prefix(rank) + unknown(address)));
  }

  private String unknown(String address) {
    return "The rank was given GPU '"
        + address
        + "', but "
        + seen()
        + ", and CUDA_VISIBLE_DEVICES is "
        + (visible == null ? "not set" : "'" + visible + "'")
        + ". A number counts the host's GPUs, so with CUDA_VISIBLE_DEVICES it must be one of that"
        + " list; a UUID such as GPU-5a0c4c1e always works. Correct the discovery script"
        + " (spark.executor.resource.gpu.discoveryScript, on a standalone cluster"
        + " spark.worker.resource.gpu.discoveryScript).";
  }

  private static String prefix(RankInfo rank) {
    return rank.worldSize() == 1 ? "" : rank.prefix() + " ";
  }
}

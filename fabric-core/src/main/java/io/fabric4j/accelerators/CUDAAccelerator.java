package io.fabric4j.accelerators;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.cuda.CudaHost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * NVIDIA GPUs. Numbers count the GPUs that this process sees: CUDA_VISIBLE_DEVICES hides and
 * renumbers those of the host.
 */
public final class CUDAAccelerator {
  private static final int ALL = -1;

  private CUDAAccelerator() {}

  /**
   * Returns whether this process sees a GPU, and its driver and libtorch can use it. Loads libtorch
   * if there is a GPU.
   */
  public static boolean isAvailable() {
    return CudaHost.local().problem().isEmpty();
  }

  /**
   * Returns how many GPUs this process sees, usable or not; 0 without a driver. NVIDIA's driver
   * counts, once per process.
   */
  public static int deviceCount() {
    return CudaHost.local().devices().size();
  }

  /**
   * Returns the numbers of GPUs on which memory can be allocated now, for {@code
   * Fabric.builder().devices(...)}: where a GPU's compute mode allows one process only, those that
   * no other process holds. It may be taken before it is used. A GPU that was tried keeps a CUDA
   * context of this process, some hundred MB, until the process ends.
   *
   * @param count how many, counted from 0; -1 for all that are free, which may be none
   * @throws IllegalArgumentException if the count is neither positive nor -1
   * @throws FabricException if there are not as many, or libtorch cannot use GPUs here
   */
  public static List<Integer> findUsable(int count) {
    return findUsable(count, CudaHost.local(), CUDAAccelerator::allocates);
  }

  static List<Integer> findUsable(int count, CudaHost host, IntPredicate allocates) {
    if (count < 1 && count != ALL) {
      throw new IllegalArgumentException(
          "count is " + count + ". Ask for 1 GPU or more, or -1 for all.");
    }
    host.requireUsable(RankInfo.single(), "");
    List<Integer> usable = new ArrayList<>();
    for (int gpu = 0; gpu < host.devices().size() && usable.size() != count; gpu++) {
      if (allocates.test(gpu)) {
        usable.add(gpu);
      }
    }
    if (usable.size() < count) {
      throw new FabricException(
          "Only the GPUs "
              + usable
              + " can be used now, but "
              + count
              + " were asked for: "
              + host.seen()
              + ". nvidia-smi shows which processes hold the others.");
    }
    return usable;
  }

  private static boolean allocates(int gpu) {
    try (NDManager manager = NDManager.newBaseManager(Device.gpu(gpu), "PyTorch")) {
      manager.zeros(new Shape(1));
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  /**
   * Returns a device in words, {@code GPU 0 (NVIDIA H100 PCIe, 79.6 GiB, GPU-5a0c...)} or {@code
   * cpu()}.
   *
   * @throws IndexOutOfBoundsException if this process does not see the GPU
   */
  public static String describe(Device device) {
    return device.isGpu()
        ? CudaHost.local().devices().get(device.getDeviceId()).toString()
        : device.toString();
  }
}

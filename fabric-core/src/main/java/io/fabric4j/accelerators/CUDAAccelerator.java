package io.fabric4j.accelerators;

import ai.djl.Device;
import io.fabric4j.internal.cuda.CudaHost;

/**
 * NVIDIA GPUs. Numbers count the GPUs that this process sees: CUDA_VISIBLE_DEVICES hides and
 * renumbers those of the host.
 */
public final class CUDAAccelerator {

  private CUDAAccelerator() {}

  /**
   * Returns whether this process sees a GPU, and its driver and libtorch can use it. Loads libtorch
   * if there is a GPU.
   */
  public static boolean isAvailable() {
    return CudaHost.local().problem().isEmpty();
  }

  /** Returns how many GPUs this process sees, usable or not; 0 without a driver. */
  public static int deviceCount() {
    return CudaHost.local().devices().size();
  }

  /**
   * Returns a device in words, {@code GPU 0 (NVIDIA H100 PCIe, 79.6 GiB, GPU-5a0c...)} or {@code
   * cpu()}.
   *
   * @throws IndexOutOfBoundsException if this process does not see the device
   */
  public static String describe(Device device) {
    return device.isGpu()
        ? CudaHost.local().devices().get(device.getDeviceId()).toString()
        : device.toString();
  }
}

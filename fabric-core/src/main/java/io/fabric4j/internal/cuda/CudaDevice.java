package io.fabric4j.internal.cuda;

import java.util.Locale;

/**
 * A GPU, or a MIG slice of one, that this process sees.
 *
 * @param ordinal its number in this process, as libtorch counts
 * @param name of the product
 * @param uuid 32 hexadecimal digits in five groups, unique in the world
 * @param memoryBytes its whole memory
 */
public record CudaDevice(int ordinal, String name, String uuid, long memoryBytes) {

  /** Returns the address that nvidia-smi shows. */
  public String address() {
    return (name.contains(" MIG ") ? "MIG-" : "GPU-") + uuid;
  }

  /** {@code GPU 0 (NVIDIA H100 PCIe, 79.6 GiB, GPU-5a...)}. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "GPU %d (%s, %.1f GiB, %s)",
        ordinal,
        name,
        memoryBytes / (double) (1L << 30),
        address());
  }
}

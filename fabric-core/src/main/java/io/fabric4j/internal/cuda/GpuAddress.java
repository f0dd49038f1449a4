package io.fabric4j.internal.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the GPU that an address means.
 *
 * @param devices that the process sees
 * @param visible value of CUDA_VISIBLE_DEVICES, null if it is not set
 */
record GpuAddress(List<CudaDevice> devices, String visible) {
  private static final String NUMBER = "\\d{1,4}";
  private static final String UUID = "(gpu|mig)-[0-9a-f-]+";

  /**
   * Returns the GPU, nothing if the process does not see it or the address does not tell.
   *
   * @param address {@code cuda:1}, counted as this process does; {@code 1}, counted as the host
   *     does; or a UUID as nvidia-smi shows it, or its beginning
   */
  Optional<CudaDevice> find(String address) {
    if (address.startsWith(CudaHost.ORDINAL)) {
      return numbered(address.substring(CudaHost.ORDINAL.length()));
    }
    return address.matches(NUMBER)
        ? numbered(Integer.toString(ordinal(Integer.parseInt(address))))
        : identified(address);
  }

  private Optional<CudaDevice> numbered(String ordinal) {
    return devices.stream()
        .filter(device -> Integer.toString(device.ordinal()).equals(ordinal))
        .findFirst();
  }

  /** CUDA_VISIBLE_DEVICES renumbers the host's GPUs: the first one it names becomes 0. */
  private int ordinal(int index) {
    if (visible == null) {
      return index;
    }
    List<String> entries =
        new ArrayList<>(Stream.of(visible.split(",")).map(String::trim).toList());
    entries.replaceAll(entry -> entry.matches(NUMBER) ? "" + Integer.parseInt(entry) : entry);
    return entries.indexOf("" + index);
  }

  private Optional<CudaDevice> identified(String address) {
    String lower = address.toLowerCase(Locale.ROOT);
    if (!lower.matches(UUID)) {
      return Optional.empty();
    }
    String digits = lower.substring(lower.indexOf('-') + 1);
    List<CudaDevice> found =
        devices.stream().filter(device -> device.uuid().startsWith(digits)).toList();
    return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
  }
}

package io.fabric4j.internal;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * How many devices, or which GPUs, the ranks of this process use.
 *
 * @param count number of devices, {@link #ALL} for every GPU or one CPU
 * @param gpus numbers of the GPUs, in the order of ranks; empty to count from 0
 */
public record DeviceChoice(int count, List<Integer> gpus) {
  private static final int ALL = -1;

  public DeviceChoice {
    gpus = List.copyOf(gpus);
  }

  public static DeviceChoice of(int count) {
    if (count < 1 && count != ALL) {
      throw new IllegalArgumentException(
          "devices is " + count + ", but at least 1 device is needed, or -1 for all.");
    }
    return new DeviceChoice(count, List.of());
  }

  public static DeviceChoice of(List<Integer> gpus) {
    if (gpus.isEmpty() || gpus.stream().anyMatch(gpu -> gpu < 0)) {
      throw new IllegalArgumentException(
          "devices is " + gpus + ", but numbers of GPUs are needed, from 0.");
    }
    if (new HashSet<>(gpus).size() < gpus.size()) {
      throw new IllegalArgumentException(
          "devices is " + gpus + ", but each rank needs a GPU of its own.");
    }
    return new DeviceChoice(gpus.size(), gpus);
  }

  /** Reads {@code auto}, {@code -1}, {@code 2} (two devices), or {@code 1,3} (these GPUs). */
  public static DeviceChoice of(String text) {
    String trimmed = text.trim();
    if (trimmed.equals("auto")) {
      return of(ALL);
    }
    if (trimmed.matches("-1|\\d{1,4}")) {
      return of(Integer.parseInt(trimmed));
    }
    if (trimmed.matches("\\d{1,4}(\\s*,\\s*\\d{1,4})*\\s*,?")) {
      return of(Stream.of(trimmed.split(",")).map(String::trim).map(Integer::valueOf).toList());
    }
    throw new IllegalArgumentException(
        "devices is '"
            + text
            + "'. Use 'auto', a number of devices, or numbers of GPUs such as '1,3'.");
  }

  boolean isAll() {
    return count == ALL;
  }

  /** Returns the numbers of the GPUs to use on a host that has some. */
  List<Integer> gpus(int available) {
    if (!gpus.isEmpty()) {
      return gpus;
    }
    List<Integer> first = new ArrayList<>();
    for (int i = 0; i < (isAll() ? available : count); i++) {
      first.add(i);
    }
    return first;
  }
}

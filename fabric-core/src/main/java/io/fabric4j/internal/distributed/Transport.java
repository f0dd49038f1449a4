package io.fabric4j.internal.distributed;

import java.util.Arrays;
import java.util.List;

/** How the ranks of a group exchange arrays. */
public enum Transport {
  /** Shared memory if every rank sees the same folder, TCP otherwise. */
  AUTO("auto"),
  SHARED_MEMORY("shared-memory"),
  TCP("tcp");

  private final String label;

  Transport(String label) {
    this.label = label;
  }

  /** Returns the name in options and in {@code ProcessGroup.transport()}. */
  public String label() {
    return label;
  }

  /**
   * Returns the transport of a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Transport of(String label) {
    for (Transport transport : values()) {
      if (transport.label.equals(label)) {
        return transport;
      }
    }
    List<String> labels = Arrays.stream(values()).map(Transport::label).toList();
    throw new IllegalArgumentException(
        "Unknown transport '" + label + "'. Use one of " + String.join(", ", labels) + ".");
  }
}

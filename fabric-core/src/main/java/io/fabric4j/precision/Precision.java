package io.fabric4j.precision;

import java.util.Arrays;
import java.util.Locale;

/** The numeric types of parameters, gradients and forward. */
public enum Precision {
  /** Parameters and inputs keep their type, usually float32. */
  TRUE_32("32-true");

  private final String id;

  Precision(String id) {
    this.id = id;
  }

  /** Returns the name by which the mode is chosen, for example {@code 32-true}. */
  public String id() {
    return id;
  }

  /**
   * Returns the mode of a name.
   *
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static Precision of(String id) {
    return Arrays.stream(values())
        .filter(precision -> precision.id.equals(id.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown precision '"
                        + id
                        + "'. Supported: "
                        + String.join(", ", Arrays.stream(values()).map(Precision::id).toList())
                        + "."));
  }
}

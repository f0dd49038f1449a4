package io.fabric4j.precision;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How exactly float32 matrices are multiplied, with the names of {@code
 * torch.set_float32_matmul_precision}.
 */
public enum MatmulPrecision {
  /** In float32. */
  HIGHEST,
  /** On GPUs in TF32: 10 bits of the significand, several times faster. */
  HIGH,
  /** In bfloat16 where libtorch has a way for it, otherwise as {@link #HIGH}. */
  MEDIUM;

  /**
   * Returns the constant of torch's name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static MatmulPrecision of(String name) {
    for (MatmulPrecision precision : values()) {
      if (precision.id().equals(name)) {
        return precision;
      }
    }
    List<String> names = Arrays.stream(values()).map(MatmulPrecision::id).toList();
    throw new IllegalArgumentException(
        "Unknown precision of float32 products '"
            + name
            + "'. Choose one of "
            + String.join(", ", names)
            + ".");
  }

  /** Returns torch's name. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.fabric4j.precision;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The numeric types of parameters, gradients and forward. */
public enum Precision {
  /** Parameters and inputs keep their type, usually float32. */
  TRUE_32("32-true", null, null),
  /** Parameters, gradients, optimizer state and forward in float64. */
  TRUE_64("64-true", DataType.FLOAT64, DataType.FLOAT64),
  /** Parameters, gradients, optimizer state and forward in float16, without loss scaling. */
  TRUE_16("16-true", DataType.FLOAT16, DataType.FLOAT16),
  /** Parameters, gradients, optimizer state and forward in bfloat16. */
  TRUE_BF16("bf16-true", DataType.BFLOAT16, DataType.BFLOAT16),
  /**
   * Parameters keep float32; forward runs under autocast to float16, backward with loss scaling.
   */
  MIXED_16("16-mixed", null, DataType.FLOAT16),
  /** Parameters keep float32; forward runs under autocast to bfloat16. */
  MIXED_BF16("bf16-mixed", null, DataType.BFLOAT16);

  private static final Logger LOGGER = LoggerFactory.getLogger(Precision.class);

  private final String id;
  private final DataType parameterType;
  private final DataType computeType;

  Precision(String id, DataType parameterType, DataType computeType) {
    this.id = id;
    this.parameterType = parameterType;
    this.computeType = computeType;
  }

  /** Returns the name by which the mode is chosen, for example {@code 32-true}. */
  public String id() {
    return id;
  }

  /** Returns the type floating parameters are cast to, null if they keep theirs. */
  public DataType parameterType() {
    return parameterType;
  }

  /** Returns the type floating inputs of forward are cast to, null if they keep theirs. */
  public DataType computeType() {
    return computeType;
  }

  /** Returns whether forward runs under autocast, with parameters in float32. */
  public boolean isMixed() {
    return computeType != null && parameterType == null;
  }

  /**
   * Returns the mode to use on a device. Autocast to float16 is for GPUs: on a CPU {@code 16-mixed}
   * becomes {@code bf16-mixed}, with a warning in the log.
   */
  public Precision forDevice(Device device) {
    if (this != MIXED_16 || device.isGpu()) {
      return this;
    }
    LOGGER.warn(
        "Precision 16-mixed is not supported on the CPU; bf16-mixed is used. Choose bf16-mixed.");
    return MIXED_BF16;
  }

  /**
   * Returns the mode of a name. The older names {@code 64}, {@code 32}, {@code 16} and {@code bf16}
   * stand for {@code 64-true}, {@code 32-true}, {@code 16-mixed} and {@code bf16-mixed}, the last
   * two with a warning in the log.
   *
   * @throws IllegalArgumentException if there is none; the message lists all
   */
  public static Precision of(String id) {
    String name = id.toLowerCase(Locale.ROOT);
    return switch (name) {
      case "64" -> TRUE_64;
      case "32" -> TRUE_32;
      case "16" -> renamed(name, MIXED_16);
      case "bf16" -> renamed(name, MIXED_BF16);
      default -> named(name, id);
    };
  }

  private static Precision renamed(String name, Precision precision) {
    LOGGER.warn("Precision {} stands for {}. Choose {}.", name, precision.id, precision.id);
    return precision;
  }

  private static Precision named(String name, String id) {
    return Arrays.stream(values())
        .filter(precision -> precision.id.equals(name))
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

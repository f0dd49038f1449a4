package io.fabric4j.monitoring;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peak speed of GPUs in floating-point operations per second on dense matrices: that of the
 * fastest unit for a type, with float32 sums for 16-bit types. The figures are those of NVIDIA's
 * data sheets and architecture papers, halved where these count 2:4 sparsity.
 *
 * <p>Lightning's table lacks a plain {@code NVIDIA H200}, the name that CUDA reports.
 */
public final class DeviceFlops {
  private static final Logger LOGGER = LoggerFactory.getLogger(DeviceFlops.class);
  private static final double TERA = 1e12;

  /** TFLOP/s, 0 where a device has no unit for a type; a name counts for the first match. */
  private enum Chip {
    H200_NVL("H200.*NVL", 60, 60, 417.5, 835.5, 835.5, 1670.5),
    H200("H200\\b", 67, 67, 494.5, 989.5, 989.5, 1979),
    H100_NVL("H100.*NVL", 60, 60, 417.5, 835.5, 835.5, 1670.5),
    H100_PCIE("H100.*(PCIe|HBM2e)", 51, 51, 378, 756.5, 756.5, 1513),
    H100_SXM("H100.*(SXM|HBM3)", 67, 67, 494.5, 989.5, 989.5, 1979),
    A100("A100", 19.5, 19.5, 156, 312, 312, 624),
    A10("A10\\b", 0, 31.2, 62.5, 125, 125, 250),
    L40S("L40S\\b", 0, 91.6, 183, 362, 362, 733),
    L40("L40\\b", 0, 90.5, 90.5, 181, 181, 362),
    L4("L4\\b", 0, 30.3, 60, 121, 121, 242.5),
    T4("T4\\b", 0, 8.1, 0, 0, 65, 130),
    V100S("V100S", 8.2, 16.4, 0, 0, 130, 0),
    V100_SXM("V100.*SXM", 7.8, 15.7, 0, 0, 125, 0),
    V100_PCIE("V100.*PCIe", 7, 14, 0, 0, 112, 0),
    RTX_3090("RTX 3090$", 0, 35.6, 35.6, 71.2, 71.2, 284.7),
    RTX_4090("RTX 4090$", 0, 82.6, 82.6, 165.2, 165.2, 660.6);

    private final Pattern name;
    private final double f64;
    private final double f32;
    private final double tf32;
    private final double bf16;
    private final double f16;
    private final double int8;

    Chip(String name, double f64, double f32, double tf32, double bf16, double f16, double int8) {
      this.name = Pattern.compile("\\b" + name, Pattern.CASE_INSENSITIVE);
      this.f64 = f64;
      this.f32 = f32;
      this.tf32 = tf32;
      this.bf16 = bf16;
      this.f16 = f16;
      this.int8 = int8;
    }

    double speed(DataType dataType) {
      return switch (dataType) {
        case FLOAT64 -> f64;
        case FLOAT32 -> f32;
        case BFLOAT16 -> bf16;
        case FLOAT16 -> f16;
        case INT8 -> int8;
        default -> 0;
      };
    }

    static Optional<Chip> of(String deviceName) {
      return Arrays.stream(values())
          .filter(chip -> chip.name.matcher(deviceName).find())
          .findFirst();
    }
  }

  private DeviceFlops() {}

  /**
   * Returns the operations per second of one device; empty, with a warning, if the device is not in
   * the table or has no unit for the type.
   *
   * @param deviceName as CUDA reports it, for example {@code NVIDIA H100 80GB HBM3}
   * @param dataType FLOAT64, FLOAT32, BFLOAT16, FLOAT16 or INT8
   */
  public static OptionalDouble peak(String deviceName, DataType dataType) {
    return peak(deviceName, dataType.name(), chip -> chip.speed(dataType));
  }

  /** Returns {@link #peak} for float32 matrices multiplied as TF32, which torch leaves off. */
  public static OptionalDouble tensorFloat32Peak(String deviceName) {
    return peak(deviceName, "TF32", chip -> chip.tf32);
  }

  private static OptionalDouble peak(
      String deviceName, String type, ToDoubleFunction<Chip> speedOf) {
    Optional<Chip> chip = Chip.of(deviceName);
    if (chip.isEmpty()) {
      LOGGER.warn("FLOPs not found for '{}': pass availableFlops to get the mfu.", deviceName);
      return OptionalDouble.empty();
    }
    double speed = speedOf.applyAsDouble(chip.get());
    if (speed == 0) {
      LOGGER.warn("'{}' does not support {}: there will be no mfu.", deviceName, type);
      return OptionalDouble.empty();
    }
    return OptionalDouble.of(Math.rint(speed * TERA));
  }
}

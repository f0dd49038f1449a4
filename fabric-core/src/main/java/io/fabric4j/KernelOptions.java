package io.fabric4j;

import io.fabric4j.precision.MatmulPrecision;
import java.io.Serializable;

/**
 * How libtorch runs a rank's operations.
 *
 * @param threads threads that one native operation may use; 0 divides the host's cores among its
 *     ranks
 * @param flushDenormals whether numbers too small for the normal format count as zero
 * @param matmulPrecision of float32 matrix products
 * @param channelsLast whether images and the filters of convolutions are stored with their channels
 *     side by side
 */
public record KernelOptions(
    int threads, boolean flushDenormals, MatmulPrecision matmulPrecision, boolean channelsLast)
    implements Serializable {

  /** One thread per core, exact numbers, channels first. */
  public static final KernelOptions DEFAULT =
      new KernelOptions(0, false, MatmulPrecision.HIGHEST, false);

  public KernelOptions {
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads is " + threads + ", but it must be 0 (automatic) or more.");
    }
  }

  KernelOptions withThreads(int count) {
    return new KernelOptions(count, flushDenormals, matmulPrecision, channelsLast);
  }

  KernelOptions withFlushDenormals(boolean flush) {
    return new KernelOptions(threads, flush, matmulPrecision, channelsLast);
  }

  KernelOptions withMatmulPrecision(MatmulPrecision precision) {
    return new KernelOptions(threads, flushDenormals, precision, channelsLast);
  }

  KernelOptions withChannelsLast(boolean last) {
    return new KernelOptions(threads, flushDenormals, matmulPrecision, last);
  }
}

package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ReduceOp;

/** What collectives have to compute, in plain Java and strictly in rank order. */
final class Reference {
  private Reference() {}

  /** Returns values of a rank; for narrow types small ones, whose results are exact. */
  static double[] values(DataType type, int rank, int length) {
    int bits = 31 * rank + length + 1;
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      bits = 1664525 * bits + 1013904223;
      values[i] =
          switch (type) {
            case FLOAT32 -> (float) (bits * 0x1p-28);
            case FLOAT64 -> bits * 0x1p-28 / 3;
            case UINT8 -> bits >>> 30;
            default -> Math.max(bits >> 29, -3);
          };
    }
    return values;
  }

  static double[] reduce(DataType type, ReduceOp op, int size, int length) {
    double[] result = values(type, 0, length);
    for (int rank = 1; rank < size; rank++) {
      double[] next = values(type, rank, length);
      for (int i = 0; i < length; i++) {
        result[i] = rounded(type, combine(op, result[i], next[i]));
      }
    }
    for (int i = 0; i < length && op == ReduceOp.AVG; i++) {
      result[i] = divide(type, result[i], size);
    }
    return result;
  }

  private static double combine(ReduceOp op, double a, double b) {
    return switch (op) {
      case SUM, AVG -> a + b;
      case PRODUCT -> a * b;
      case MIN -> Math.min(a, b);
      case MAX -> Math.max(a, b);
    };
  }

  /** Sums and products of two floats are exact in double, so that one rounding gives the float. */
  private static double rounded(DataType type, double value) {
    return type == DataType.FLOAT32 ? (float) value : value;
  }

  private static double divide(DataType type, double value, int size) {
    return switch (type) {
      case FLOAT32 -> (float) value / size;
      case FLOAT64, FLOAT16, BFLOAT16 -> value / size;
      default -> (long) value / size;
    };
  }
}

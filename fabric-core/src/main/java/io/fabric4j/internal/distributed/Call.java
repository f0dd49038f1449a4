package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ReduceOp;

/**
 * What a rank calls. Equal on all ranks, or the call fails on all.
 *
 * @param number 1 for the first call of the group, 0 for joining it
 * @param operation the method
 * @param dataType the arrays' type, null without arrays
 * @param length elements of the array
 * @param reduceOp how elements are combined, null if they are not
 * @param root the sending rank, {@link #NO_ROOT} if all are equal
 */
public record Call(
    long number, Operation operation, DataType dataType, long length, ReduceOp reduceOp, int root) {
  public static final int NO_ROOT = -1;

  private static final int NONE = 0xFF;

  /** Returns a call without arrays. */
  public static Call plain(long number, Operation operation, int root) {
    return new Call(number, operation, null, 0, null, root);
  }

  /** Returns all but the number and the length as one word. */
  long code() {
    return operation.ordinal()
        | (long) ordinal(dataType) << 8
        | (long) ordinal(reduceOp) << 16
        | (long) root << 32;
  }

  /**
   * Returns the call of the words that another rank wrote.
   *
   * @throws IllegalArgumentException if the code does not stand for a call
   */
  static Call of(long number, long code, long length) {
    return new Call(
        number,
        constant(Operation.values(), code),
        constant(DataType.values(), code >> 8),
        length,
        constant(ReduceOp.values(), code >> 16),
        (int) (code >> 32));
  }

  /** Returns {@code allReduce(float32, 1000 elements, SUM) as call #7}. */
  public String describe() {
    StringBuilder text = new StringBuilder(operation.toString()).append('(');
    if (dataType != null) {
      text.append(dataType).append(", ").append(length).append(" elements");
    }
    if (reduceOp != null) {
      text.append(", ").append(reduceOp);
    }
    if (root != NO_ROOT) {
      text.append(dataType == null ? "" : ", ").append("root ").append(root);
    }
    text.append(')');
    return operation == Operation.JOIN ? text.toString() : text + " as call #" + number;
  }

  private static int ordinal(Enum<?> constant) {
    return constant == null ? NONE : constant.ordinal();
  }

  private static <E extends Enum<E>> E constant(E[] values, long bits) {
    int ordinal = (int) (bits & 0xFF);
    if (ordinal == NONE) {
      return null;
    }
    if (ordinal >= values.length) {
      throw new IllegalArgumentException("No constant " + ordinal);
    }
    return values[ordinal];
  }
}

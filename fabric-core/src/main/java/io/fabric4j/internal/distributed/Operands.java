package io.fabric4j.internal.distributed;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;

/** Checks of arguments, made on each rank before it enters a collective. */
public final class Operands {
  private Operands() {}

  /** Returns the elements of a dense array in CPU memory. */
  static FlatTensor flat(NDArray array, String name) {
    requireNonNull(array, name + " is null");
    if (array.getDevice().isGpu()) {
      throw new IllegalArgumentException(
          name
              + " is on "
              + array.getDevice()
              + ", but this group works in CPU memory. Pass "
              + name
              + ".toDevice(Device.cpu(), true).");
    }
    return FlatTensor.of(array);
  }

  /** Requires that arrays of a type can be combined in a way. */
  public static void requireReducible(DataType type, ReduceOp op) {
    requireNonNull(op, "op is null");
    if (type == DataType.BOOLEAN && op != ReduceOp.MIN && op != ReduceOp.MAX) {
      throw new IllegalArgumentException(
          op
              + " is not defined for boolean arrays. Use MIN (all) or MAX (any), or convert to"
              + " int32.");
    }
  }

  /** Requires {@code rows} to consist of {@code size} arrays like {@code row}. */
  public static void requireRows(
      FlatTensor rows, String rowsName, FlatTensor row, String rowName, int size) {
    if (rows.dataType() != row.dataType() || rows.length() != size * row.length()) {
      throw new IllegalArgumentException(
          String.format(
              "%s has %d elements of %s and %s has %d of %s. With %d ranks %s needs %d elements of"
                  + " the same type.",
              rowsName,
              rows.length(),
              rows.dataType(),
              rowName,
              row.length(),
              row.dataType(),
              size,
              rowsName,
              size * row.length()));
    }
  }

  /** Requires a rank of the group. */
  public static void requireRank(int root, int size) {
    if (root < 0 || root >= size) {
      throw new IllegalArgumentException(
          "root " + root + " lies outside a group of " + size + " ranks, 0 to " + (size - 1) + ".");
    }
  }
}

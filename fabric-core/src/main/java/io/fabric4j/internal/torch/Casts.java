package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.bytedeco.pytorch.Tensor;

/** Data types of arrays, with bfloat16, which DJL neither reports nor creates. */
public final class Casts {

  private Casts() {}

  /** Returns the type of the elements. */
  public static DataType dataType(NDArray array) {
    return Tensors.dataType(Tensors.borrow(array));
  }

  /** Returns whether the elements are floating-point numbers. */
  public static boolean isFloating(NDArray array) {
    return Tensors.borrow(array).__dispatch_is_floating_point();
  }

  /**
   * Returns the elements in another type, with autograd's record of the cast.
   *
   * @return the same array if it has the type, otherwise a new one of the same manager
   */
  public static NDArray toType(NDArray array, DataType type) {
    Tensor source = Tensors.borrow(array);
    if (source.scalar_type().intern() == Tensors.scalarType(type)) {
      return array;
    }
    NDArray result = Tensors.give(array.getManager(), source.to(Tensors.scalarType(type)));
    result.setName(array.getName());
    return result;
  }

  /** Returns a cast of a floating array as {@link #toType}, and other arrays as they are. */
  public static NDArray floatingToType(NDArray array, DataType type) {
    return isFloating(array) ? toType(array, type) : array;
  }

  /** Returns the only element of an array of any numeric type. */
  public static double toDouble(NDArray array) {
    return Tensors.borrow(array).item_double();
  }

  /** Creates zeros in memory of the manager's device. */
  public static NDArray zeros(NDManager manager, Shape shape, DataType type) {
    if (type != DataType.BFLOAT16) {
      return manager.zeros(shape, type);
    }
    try (NDArray zeros = manager.zeros(shape, DataType.FLOAT16)) {
      return toType(zeros, type);
    }
  }
}

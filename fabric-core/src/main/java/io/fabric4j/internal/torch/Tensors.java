package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.EnumMap;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Converts between DJL's and JavaCPP's view of one native tensor. */
final class Tensors {
  private static final Map<DataType, ScalarType> SCALAR_TYPES = new EnumMap<>(DataType.class);

  static {
    SCALAR_TYPES.put(DataType.FLOAT32, ScalarType.Float);
    SCALAR_TYPES.put(DataType.FLOAT64, ScalarType.Double);
    SCALAR_TYPES.put(DataType.FLOAT16, ScalarType.Half);
    SCALAR_TYPES.put(DataType.BFLOAT16, ScalarType.BFloat16);
    SCALAR_TYPES.put(DataType.UINT8, ScalarType.Byte);
    SCALAR_TYPES.put(DataType.INT8, ScalarType.Char);
    SCALAR_TYPES.put(DataType.INT32, ScalarType.Int);
    SCALAR_TYPES.put(DataType.INT64, ScalarType.Long);
    SCALAR_TYPES.put(DataType.BOOLEAN, ScalarType.Bool);
  }

  private Tensors() {}

  /** A tensor handle that DJL owns. */
  private static final class Borrowed extends Tensor {
    Borrowed(long handle) {
      super((Pointer) null);
      address = handle;
    }
  }

  /**
   * Returns a view of an array's native tensor, valid while the array is open.
   *
   * @throws IllegalArgumentException if the array is not one of the PyTorch engine
   * @throws IllegalStateException if the array has been closed
   */
  static Tensor borrow(NDArray array) {
    if (!(array instanceof PtNDArray ptArray)) {
      throw new IllegalArgumentException(
          "An array of DJL's PyTorch engine is needed, got "
              + (array == null ? "null" : array.getClass().getName())
              + ". Create arrays with an NDManager of the PyTorch engine.");
    }
    if (ptArray.isReleased()) {
      throw new IllegalStateException(
          "The array "
              + ptArray.getUid()
              + " has been closed. Use it before its NDManager closes.");
    }
    return new Borrowed(ptArray.getHandle());
  }

  /** Hands a tensor over to DJL; the argument must not be used afterwards. */
  static NDArray give(NDManager manager, Tensor tensor) {
    long handle = tensor.address();
    tensor.deallocate(false);
    tensor.setNull();
    return new PtNDArray((PtNDManager) manager, handle);
  }

  static ScalarType scalarType(DataType dataType) {
    ScalarType type = SCALAR_TYPES.get(dataType);
    if (type == null) {
      throw new IllegalArgumentException(
          "Data type " + dataType + " is not supported. Supported: " + SCALAR_TYPES.keySet() + ".");
    }
    return type;
  }

  static DataType dataType(Tensor tensor) {
    ScalarType type = tensor.scalar_type();
    for (Map.Entry<DataType, ScalarType> entry : SCALAR_TYPES.entrySet()) {
      if (entry.getValue() == type) {
        return entry.getKey();
      }
    }
    throw new IllegalArgumentException("Tensors of type " + type + " are not supported.");
  }
}

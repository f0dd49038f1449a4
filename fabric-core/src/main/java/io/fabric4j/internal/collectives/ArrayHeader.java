package io.fabric4j.internal.collectives;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;

/** What a rank has to know of another rank's array. DJL itself does not name bfloat16. */
record ArrayHeader(DataType type, ArrayList<Long> sizes) implements Serializable {

  static ArrayHeader of(NDArray array) {
    requireNonNull(array, "array is null");
    try (FlatTensor elements = FlatTensor.read(array)) {
      return new ArrayHeader(elements.dataType(), sizes(array.getShape()));
    }
  }

  Shape shape() {
    return new Shape(sizes.stream().mapToLong(Long::longValue).toArray());
  }

  ArrayHeader withShape(Shape shape) {
    return new ArrayHeader(type, sizes(shape));
  }

  private static ArrayList<Long> sizes(Shape shape) {
    return new ArrayList<>(Arrays.stream(shape.getShape()).boxed().toList());
  }

  /** Returns an array of zeros on the manager's device. */
  NDArray allocate(NDManager manager) {
    try (FlatTensor zeros = FlatTensor.zeros(type, shape().size())) {
      NDArray array = zeros.toArray(manager, shape());
      NDArray moved = array.toDevice(manager.getDevice(), false);
      if (moved != array) {
        array.close();
      }
      return moved;
    }
  }

  @Override
  public String toString() {
    return type + " " + shape();
  }
}

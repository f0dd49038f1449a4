package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * What all rows of a column have in common. Ranks exchange it.
 *
 * @param dimensions shape of one row; empty if a row is one element
 */
public record ColumnSpec(String name, DataType dataType, List<Long> dimensions)
    implements Serializable {

  static ColumnSpec of(String name, DataType dataType, long... dimensions) {
    return new ColumnSpec(name, dataType, Arrays.stream(dimensions).boxed().toList());
  }

  public Shape rowShape() {
    return new Shape(dimensions);
  }

  Shape shape(long rows) {
    return new Shape(rows).addAll(rowShape());
  }

  int elements() {
    return Math.toIntExact(rowShape().size());
  }

  int rowBytes() {
    return Math.multiplyExact(elements(), dataType.getNumOfBytes());
  }

  boolean hasShape(long[] shape) {
    if (shape.length != dimensions.size()) {
      return false;
    }
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] != dimensions.get(i)) {
        return false;
      }
    }
    return true;
  }

  /** Returns for example {@code float32 (28, 28)}, or {@code int64} for scalars. */
  String describe() {
    return dimensions.isEmpty()
        ? dataType.toString()
        : dataType + " " + dimensions.toString().replace('[', '(').replace(']', ')');
  }
}

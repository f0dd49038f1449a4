package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.Serializable;

/**
 * What all rows of a column have in common. Ranks exchange it.
 *
 * @param width elements of a row's array, {@link #SCALAR} if a row is one element without an axis
 */
public record ColumnSpec(String name, DataType dataType, int width) implements Serializable {
  static final int SCALAR = 0;

  public Shape rowShape() {
    return width == SCALAR ? new Shape() : new Shape(width);
  }

  Shape shape(long rows) {
    return width == SCALAR ? new Shape(rows) : new Shape(rows, width);
  }

  int elements() {
    return Math.max(1, width);
  }

  int rowBytes() {
    return Math.multiplyExact(elements(), dataType.getNumOfBytes());
  }

  /** Returns for example {@code FLOAT32 (784)}, or {@code INT64} for scalars. */
  String describe() {
    return width == SCALAR ? dataType.toString() : dataType + " (" + width + ")";
  }
}

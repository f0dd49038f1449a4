package io.fabric4j.spark.ml;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;

/**
 * An input of a network, as its rows looked when it was trained.
 *
 * @param name of the column
 * @param dataType of the tensor that the column becomes, see {@link
 *     io.fabric4j.spark.SparkFabric.Builder#input}
 * @param shape of one row; empty if a row is one number
 * @param categories if the values are the numbers 0 to {@code categories - 1} of categories; 0 if
 *     they are quantities
 */
public record InputColumn(String name, DataType dataType, List<Long> shape, int categories)
    implements Serializable {

  /** Copies the shape. */
  public InputColumn {
    Objects.requireNonNull(name, "name is null");
    Objects.requireNonNull(dataType, "dataType is null");
    shape = List.copyOf(shape);
  }

  /** Returns the shape of some rows: {@code (rows, ...)}. */
  public Shape shape(long rows) {
    return new Shape(rows).addAll(new Shape(shape));
  }

  /** Returns the number of elements of a row. */
  public int elements() {
    return Math.toIntExact(new Shape(shape).size());
  }
}

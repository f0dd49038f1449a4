package io.fabric4j.spark.internal.ml.inference;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;

/** Tells whether columns can become the inputs that a network was trained on. */
public final class InputTypes {

  private InputTypes() {}

  /**
   * Checks columns by their type.
   *
   * @throws IllegalArgumentException if one is missing or has a type of another kind
   */
  public static void check(List<ColumnSpec> inputs, StructType schema) {
    for (ColumnSpec input : inputs) {
      if (!List.of(schema.fieldNames()).contains(input.name())) {
        throw new IllegalArgumentException(
            "There is no column '"
                + input.name()
                + "', which the model needs. The columns are "
                + List.of(schema.fieldNames())
                + ".");
      }
      org.apache.spark.sql.types.DataType type = schema.apply(input.name()).dataType();
      if (!fits(input, type)) {
        throw new IllegalArgumentException(
            "Column '"
                + input.name()
                + "' has the type "
                + type.simpleString()
                + ", but the model was trained on "
                + input.dataType()
                + " of shape "
                + input.rowShape()
                + ". Cast the column to the type it had then.");
      }
    }
  }

  private static boolean fits(ColumnSpec input, org.apache.spark.sql.types.DataType type) {
    int dimensions = input.dimensions().size();
    if (type.equals(SQLDataTypes.VectorType())) {
      return input.dataType() == DataType.FLOAT32 && dimensions == 1;
    } else if (type.equals(DataTypes.BinaryType)) {
      return input.dataType() == DataType.UINT8 && dimensions == 1;
    } else if (type instanceof StructType) {
      return input.dataType() == DataType.UINT8 && dimensions == 3;
    }
    org.apache.spark.sql.types.DataType element = type;
    int depth = 0;
    while (element instanceof ArrayType array) {
      element = array.elementType();
      depth++;
    }
    return depth == dimensions && fits(input.dataType(), element);
  }

  /** No number is cut: whole numbers may become floating-point ones, and longer ones. */
  private static boolean fits(DataType wanted, org.apache.spark.sql.types.DataType element) {
    boolean isInt =
        element instanceof IntegerType
            || element instanceof ShortType
            || element instanceof ByteType;
    return switch (wanted) {
      case FLOAT32 -> element instanceof NumericType;
      case INT32 -> isInt;
      case INT64 -> isInt || element instanceof LongType;
      case BOOLEAN -> element.equals(DataTypes.BooleanType);
      default -> false;
    };
  }
}

package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;

/** Writes one field of a DataFrame's rows, which are in Spark's own form. */
interface FieldReader extends Serializable {

  /** Writes a field that is not null. */
  void put(InternalRow row, int field, String name, RowWriter writer);

  /** Writes a field that is null. */
  default void putNull(String name, RowWriter writer) {
    writer.putNull(name);
  }

  /** Returns a reader of fields of a {@link #tensorType}. */
  static FieldReader of(DataType type) {
    if (type.equals(DataTypes.BinaryType)) {
      return ComplexField.BINARY;
    } else if (type.equals(SQLDataTypes.VectorType())) {
      return ComplexField.VECTOR;
    } else if (ComplexField.isImage(type)) {
      return ComplexField.IMAGE;
    }
    int depth = 0;
    DataType element = type;
    while (element instanceof ArrayType array) {
      element = array.elementType();
      depth++;
    }
    ScalarField scalar = ScalarField.of(element).orElseThrow();
    return depth == 0 ? scalar : new ArrayField(scalar, depth);
  }

  /** Returns the type to which Spark casts a column before it is read, if it has a tensor form. */
  static Optional<DataType> tensorType(DataType type) {
    if (type instanceof ArrayType array) {
      return isComplex(array.elementType())
          ? Optional.empty()
          : tensorType(array.elementType())
              .map(element -> DataTypes.createArrayType(element, array.containsNull()));
    }
    return isComplex(type) ? Optional.of(type) : scalar(type);
  }

  private static boolean isComplex(DataType type) {
    return type.equals(DataTypes.BinaryType)
        || type.equals(SQLDataTypes.VectorType())
        || ComplexField.isImage(type);
  }

  private static Optional<DataType> scalar(DataType type) {
    if (type instanceof DecimalType) {
      return Optional.of(DataTypes.FloatType);
    } else if (type.equals(DataTypes.FloatType)
        || type.equals(DataTypes.DoubleType)
        || type.equals(DataTypes.LongType)
        || type.equals(DataTypes.BooleanType)) {
      return Optional.of(type);
    }
    return type instanceof NumericType ? Optional.of(DataTypes.IntegerType) : Optional.empty();
  }
}

package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import java.io.Serializable;
import java.util.Optional;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;

/** Writes one field of a DataFrame's rows. */
interface FieldReader extends Serializable {

  /** Writes a field that is not null. */
  void put(Row row, int field, String name, RowWriter writer);

  /** Writes a field that is null. */
  default void putNull(String name, RowWriter writer) {
    writer.putNull(name);
  }

  /** Returns a reader, if the type has a tensor form. */
  static Optional<FieldReader> of(DataType type) {
    if (type.equals(DataTypes.BinaryType)) {
      return Optional.of(ComplexField.BINARY);
    } else if (type.equals(SQLDataTypes.VectorType())) {
      return Optional.of(ComplexField.VECTOR);
    } else if (ComplexField.isImage(type)) {
      return Optional.of(ComplexField.IMAGE);
    }
    int depth = 0;
    DataType element = type;
    while (element instanceof ArrayType array) {
      element = array.elementType();
      depth++;
    }
    int dimensions = depth;
    return scalar(element).map(kind -> dimensions == 0 ? kind : new ArrayField(kind, dimensions));
  }

  private static Optional<ScalarField> scalar(DataType type) {
    if (type.equals(DataTypes.FloatType)
        || type.equals(DataTypes.DoubleType)
        || type instanceof DecimalType) {
      return Optional.of(ScalarField.FLOAT);
    } else if (type.equals(DataTypes.LongType)) {
      return Optional.of(ScalarField.LONG);
    } else if (type instanceof NumericType) {
      return Optional.of(ScalarField.INT);
    } else if (type.equals(DataTypes.BooleanType)) {
      return Optional.of(ScalarField.BOOLEAN);
    }
    return Optional.empty();
  }
}

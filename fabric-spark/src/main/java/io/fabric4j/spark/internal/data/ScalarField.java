package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import java.util.Arrays;
import java.util.Optional;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;

/** A number or a truth value. */
enum ScalarField implements FieldReader {
  FLOAT("float") {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      writer.put(name, row.getFloat(field));
    }

    /** NaN is what a null is kept as, and like a null otherwise. */
    @Override
    public void putNull(String name, RowWriter writer) {
      writer.put(name, Float.NaN);
    }
  },
  DOUBLE("double") {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      writer.put(name, row.getDouble(field));
    }

    @Override
    public void putNull(String name, RowWriter writer) {
      writer.put(name, Float.NaN);
    }
  },
  INT("integer") {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      writer.put(name, row.getInt(field));
    }
  },
  LONG("long") {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      writer.put(name, row.getLong(field));
    }
  },
  BOOLEAN("boolean") {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      writer.put(name, row.getBoolean(field));
    }
  };

  private final String type;

  ScalarField(String type) {
    this.type = type;
  }

  /** Returns the kind that reads a type, if there is one. */
  static Optional<ScalarField> of(DataType type) {
    return Arrays.stream(values()).filter(field -> field.type.equals(type.typeName())).findFirst();
  }
}

package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowMapper;
import io.fabric4j.spark.RowWriter;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.collection.Seq;

/** Maps rows of a DataFrame: one column per field. */
final class SchemaMapper implements RowMapper<Row> {
  private static final long serialVersionUID = 1L;

  private final String[] names;
  private final Kind[] kinds;

  private SchemaMapper(String[] names, Kind[] kinds) {
    this.names = names;
    this.kinds = kinds;
  }

  /** How a field is read. */
  private enum Kind {
    FLOAT {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, ((Number) row.get(field)).floatValue());
      }
    },
    INT {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, ((Number) row.get(field)).intValue());
      }
    },
    LONG {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, row.getLong(field));
      }
    },
    BOOLEAN {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, row.getBoolean(field));
      }
    },
    BINARY {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, row.<byte[]>getAs(field));
      }
    },
    VECTOR {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, row.<Vector>getAs(field));
      }
    },
    ARRAY {
      @Override
      void put(Row row, int field, String name, RowWriter writer) {
        writer.put(name, floats(row.getSeq(field)));
      }
    };

    abstract void put(Row row, int field, String name, RowWriter writer);
  }

  /**
   * Checks a schema.
   *
   * @throws IllegalArgumentException if a column cannot become a tensor; the message names input,
   *     column and type
   */
  static SchemaMapper of(String input, StructType schema) {
    String[] names = schema.fieldNames();
    Kind[] kinds = new Kind[names.length];
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.length; i++) {
      if (!seen.add(names[i])) {
        throw new IllegalArgumentException(
            "Input '" + input + "' has two columns '" + names[i] + "'. Rename or drop one.");
      }
      kinds[i] = kind(input, schema.fields()[i]);
    }
    if (names.length == 0) {
      throw new IllegalArgumentException(
          "Input '" + input + "' has no columns. Select at least one.");
    }
    return new SchemaMapper(names, kinds);
  }

  private static Kind kind(String input, StructField field) {
    DataType type = field.dataType();
    if (type.equals(DataTypes.FloatType)
        || type.equals(DataTypes.DoubleType)
        || type instanceof DecimalType) {
      return Kind.FLOAT;
    } else if (type.equals(DataTypes.LongType)) {
      return Kind.LONG;
    } else if (type instanceof NumericType) {
      return Kind.INT;
    } else if (type.equals(DataTypes.BooleanType)) {
      return Kind.BOOLEAN;
    } else if (type.equals(DataTypes.BinaryType)) {
      return Kind.BINARY;
    } else if (type instanceof ArrayType array && array.elementType() instanceof NumericType) {
      return Kind.ARRAY;
    } else if (type.equals(SQLDataTypes.VectorType())) {
      return Kind.VECTOR;
    }
    throw new IllegalArgumentException(
        "Column '"
            + field.name()
            + "' of input '"
            + input
            + "' has the type "
            + type.simpleString()
            + ", which has no tensor form. Columns may be numbers, boolean, binary, ML vectors and"
            + " arrays of numbers: convert the column, or leave it out with select or drop.");
  }

  /** Returns null if an element is null, which the writer reports with the row. */
  private static float[] floats(Seq<?> elements) {
    float[] values = new float[elements.length()];
    for (int i = 0; i < values.length; i++) {
      if (!(elements.apply(i) instanceof Number number)) {
        return null;
      }
      values[i] = number.floatValue();
    }
    return values;
  }

  @Override
  public void map(Row row, RowWriter writer) {
    for (int i = 0; i < names.length; i++) {
      if (row.isNullAt(i)) {
        writer.put(names[i], (float[]) null);
      } else {
        kinds[i].put(row, i, names[i], writer);
      }
    }
  }
}

package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowMapper;
import io.fabric4j.spark.RowWriter;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Maps rows of a DataFrame whose columns have been cast: one column per field. */
final class SchemaMapper implements RowMapper<InternalRow> {
  private static final long serialVersionUID = 1L;

  private final String[] names;
  private final DataType[] types;
  private final FieldReader[] fields;

  private SchemaMapper(String[] names, DataType[] types, FieldReader[] fields) {
    this.names = names;
    this.types = types;
    this.fields = fields;
  }

  /**
   * Checks a schema.
   *
   * @throws IllegalArgumentException if a column cannot become a tensor; the message names input,
   *     column and type
   */
  static SchemaMapper of(String input, StructType schema) {
    String[] names = schema.fieldNames();
    DataType[] types = new DataType[names.length];
    FieldReader[] fields = new FieldReader[names.length];
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.length; i++) {
      if (!seen.add(names[i])) {
        throw new IllegalArgumentException(
            "Input '" + input + "' has two columns '" + names[i] + "'. Rename or drop one.");
      }
      types[i] = tensorType(input, schema.fields()[i]);
      fields[i] = FieldReader.of(types[i]);
    }
    if (names.length == 0) {
      throw new IllegalArgumentException(
          "Input '" + input + "' has no columns. Select at least one.");
    }
    return new SchemaMapper(names, types, fields);
  }

  private static DataType tensorType(String input, StructField field) {
    return FieldReader.tensorType(field.dataType())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Column '"
                        + field.name()
                        + "' of input '"
                        + input
                        + "' has the type "
                        + field.dataType().simpleString()
                        + ", which has no tensor form. Columns may be numbers, boolean, binary, ML"
                        + " vectors, images, and arrays of numbers or booleans: convert the column,"
                        + " or leave it out with select or drop."));
  }

  /** Casts the columns to the types that the mapper reads. */
  Dataset<Row> cast(Dataset<Row> rows) {
    Column[] columns = new Column[names.length];
    for (int i = 0; i < names.length; i++) {
      columns[i] = rows.col("`" + names[i].replace("`", "``") + "`").cast(types[i]).as(names[i]);
    }
    return Arrays.equals(types, types(rows.schema())) ? rows : rows.select(columns);
  }

  private static DataType[] types(StructType schema) {
    return Arrays.stream(schema.fields()).map(StructField::dataType).toArray(DataType[]::new);
  }

  @Override
  public void map(InternalRow row, RowWriter writer) {
    for (int i = 0; i < names.length; i++) {
      if (row.isNullAt(i)) {
        fields[i].putNull(names[i], writer);
      } else {
        fields[i].put(row, i, names[i], writer);
      }
    }
  }
}

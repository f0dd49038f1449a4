package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowMapper;
import io.fabric4j.spark.RowWriter;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Maps rows of a DataFrame: one column per field. */
final class SchemaMapper implements RowMapper<Row> {
  private static final long serialVersionUID = 1L;

  private final String[] names;
  private final FieldReader[] fields;

  private SchemaMapper(String[] names, FieldReader[] fields) {
    this.names = names;
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
    FieldReader[] fields = new FieldReader[names.length];
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < names.length; i++) {
      if (!seen.add(names[i])) {
        throw new IllegalArgumentException(
            "Input '" + input + "' has two columns '" + names[i] + "'. Rename or drop one.");
      }
      fields[i] = reader(input, schema.fields()[i]);
    }
    if (names.length == 0) {
      throw new IllegalArgumentException(
          "Input '" + input + "' has no columns. Select at least one.");
    }
    return new SchemaMapper(names, fields);
  }

  private static FieldReader reader(String input, StructField field) {
    return FieldReader.of(field.dataType())
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

  @Override
  public void map(Row row, RowWriter writer) {
    for (int i = 0; i < names.length; i++) {
      if (row.isNullAt(i)) {
        fields[i].putNull(names[i], writer);
      } else {
        fields[i].put(row, i, names[i], writer);
      }
    }
  }
}

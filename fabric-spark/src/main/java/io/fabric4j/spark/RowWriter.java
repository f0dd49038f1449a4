package io.fabric4j.spark;

import org.apache.spark.ml.linalg.Vector;

/**
 * Takes the columns of one row. The first row decides which columns there are, their types, and the
 * shapes of arrays; later rows must agree.
 *
 * <p>Nulls, NaN and arrays of another shape are treated as {@link
 * SparkFabricOptions#HANDLE_INVALID} says: by default methods throw IllegalArgumentException,
 * naming input, column and row. They always do so if a column is written twice or not in the first
 * row's order, if its type differs from the first row's, or if an array does not have as many
 * elements as the given shape.
 *
 * <p>Arrays are in row-major order. Without a shape they have one dimension.
 */
public interface RowWriter {

  /** Writes one element of a FLOAT32 column of shape (rows). */
  RowWriter put(String column, float value);

  /** Writes one element of a FLOAT32 column of shape (rows). */
  RowWriter put(String column, double value);

  /** Writes one element of an INT32 column of shape (rows). */
  RowWriter put(String column, int value);

  /** Writes one element of an INT64 column of shape (rows). */
  RowWriter put(String column, long value);

  /** Writes one element of a BOOLEAN column of shape (rows). */
  RowWriter put(String column, boolean value);

  /** Writes one row of a FLOAT32 column of shape (rows, shape...). */
  RowWriter put(String column, float[] values, long... shape);

  /** Writes one row of a FLOAT32 column of shape (rows, shape...). */
  RowWriter put(String column, double[] values, long... shape);

  /** Writes one row of an INT32 column of shape (rows, shape...). */
  RowWriter put(String column, int[] values, long... shape);

  /** Writes one row of an INT64 column of shape (rows, shape...). */
  RowWriter put(String column, long[] values, long... shape);

  /** Writes one row of a BOOLEAN column of shape (rows, shape...). */
  RowWriter put(String column, boolean[] values, long... shape);

  /** Writes one row of a UINT8 column of shape (rows, shape...). */
  RowWriter put(String column, byte[] values, long... shape);

  /** Writes one row of a FLOAT32 column of shape (rows, vector.size()); it is stored densely. */
  RowWriter put(String column, Vector vector);

  /** Writes a null of whatever type the column has. */
  RowWriter putNull(String column);

  /**
   * Tells that a row has no usable value in a column; it cannot be kept.
   *
   * @param problem as part of the message, such as {@code "has the unknown unit 'furlong'"}
   */
  RowWriter putInvalid(String column, String problem);
}

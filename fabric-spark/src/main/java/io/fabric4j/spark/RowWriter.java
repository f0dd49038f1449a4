package io.fabric4j.spark;

import org.apache.spark.ml.linalg.Vector;

/**
 * Takes the columns of one row. The first row decides which columns there are, their types, and the
 * length of arrays; later rows must agree. NaN is a value like any other, null is an error.
 *
 * <p>Methods throw IllegalArgumentException, naming input, column and row, if a value is null, a
 * column is written twice or not in the first row, or type or length differ from the first row's.
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

  /** Writes one row of a FLOAT32 column of shape (rows, values.length). */
  RowWriter put(String column, float[] values);

  /** Writes one row of a FLOAT32 column of shape (rows, values.length). */
  RowWriter put(String column, double[] values);

  /** Writes one row of a UINT8 column of shape (rows, values.length). */
  RowWriter put(String column, byte[] values);

  /** Writes one row of a FLOAT32 column of shape (rows, vector.size()); it is stored densely. */
  RowWriter put(String column, Vector vector);
}

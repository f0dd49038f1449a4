package io.fabric4j.spark;

import java.io.Serializable;

/**
 * Turns one element of an RDD into the columns of one row. It is serialized on the driver and runs
 * in the tasks.
 *
 * <pre>{@code
 * RowMapper<Digit> mapper =
 *     (digit, row) -> row.put("image", digit.pixels()).put("label", digit.label());
 * }</pre>
 *
 * @param <T> type of the elements
 */
@FunctionalInterface
public interface RowMapper<T> extends Serializable {

  /** Writes every column of one row; each row has the same columns, of the same types. */
  void map(T element, RowWriter row);
}

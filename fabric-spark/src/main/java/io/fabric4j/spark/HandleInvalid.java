package io.fabric4j.spark;

/**
 * What becomes of a row with a null, a NaN, or an array of another shape than the rows before it
 * have, as in Spark ML.
 */
public enum HandleInvalid {
  /** The launch ends with a message that names input, column and row. */
  ERROR,

  /** The row is left out; {@link Shard#skippedRows} counts them. */
  SKIP,

  /**
   * In FLOAT32 columns null becomes NaN, and NaN fills up arrays that are shorter than the first
   * row's. What NaN cannot express is an error as with {@link #ERROR}: nulls in columns of other
   * types, and longer arrays.
   */
  KEEP
}

package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowMapper;
import java.util.Objects;
import java.util.function.IntFunction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * A named input of a launch, on the driver.
 *
 * @param partitioned makes an RDD of so many partitions
 * @param mapper from an element to columns; goes to the ranks
 * @param sort whether ranks have to sort their rows, because a shuffle delivers them in the order
 *     in which blocks arrive
 */
public record Input<T>(
    String name, IntFunction<JavaRDD<T>> partitioned, RowMapper<? super T> mapper, boolean sort) {

  public Input {
    Objects.requireNonNull(name, "name is null");
    if (name.isBlank()) {
      throw new IllegalArgumentException("The name of an input is blank. Name it, as in 'train'.");
    }
  }

  /** Takes the columns of a DataFrame. */
  public static Input<InternalRow> of(String name, Dataset<Row> rows) {
    Objects.requireNonNull(rows, "rows is null");
    SchemaMapper mapper = SchemaMapper.of(name, rows.schema());
    Dataset<Row> typed = mapper.cast(rows);
    return new Input<>(name, ranks -> EvenRows.of(typed, ranks), mapper, true);
  }

  /** Takes the elements of an RDD; one of as many partitions as ranks is not shuffled. */
  public static <T> Input<T> of(String name, JavaRDD<T> rows, RowMapper<? super T> mapper) {
    Objects.requireNonNull(rows, "rows is null");
    Objects.requireNonNull(mapper, "mapper is null");
    return new Input<>(name, ranks -> OrderedRepartition.of(rows, ranks), mapper, false);
  }
}

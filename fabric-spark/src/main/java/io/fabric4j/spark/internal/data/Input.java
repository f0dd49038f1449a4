package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowMapper;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * A named input of a launch, on the driver.
 *
 * @param partitioned makes an RDD of so many partitions, whose rows come in the same order whenever
 *     they are computed from the same data
 * @param mapper from an element to columns; goes to the ranks
 */
public record Input<T>(
    String name, IntFunction<JavaRDD<T>> partitioned, RowMapper<? super T> mapper) {

  public Input {
    Objects.requireNonNull(name, "name is null");
    if (name.isBlank()) {
      throw new IllegalArgumentException("The name of an input is blank. Name it, as in 'train'.");
    }
  }

  /**
   * Takes the columns of a DataFrame. A shuffle delivers rows in the order in which blocks arrive,
   * hence the sort: by a hash of the whole row, so only equal rows, and rows with equal 64-bit
   * hashes, may trade places. Numbers between the columns keep rows apart whose nulls or array ends
   * lie in different columns; the hash of Spark skips nulls.
   */
  public static Input<Row> of(String name, Dataset<Row> rows) {
    Objects.requireNonNull(rows, "rows is null");
    SchemaMapper mapper = SchemaMapper.of(name, rows.schema());
    Column[] columns =
        IntStream.range(0, rows.columns().length)
            .boxed()
            .flatMap(i -> Stream.of(functions.lit(i), column(rows.columns()[i])))
            .toArray(Column[]::new);
    return new Input<>(
        name,
        ranks ->
            rows.repartition(ranks).sortWithinPartitions(functions.xxhash64(columns)).javaRDD(),
        mapper);
  }

  private static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  /** Takes the elements of an RDD; one of as many partitions as ranks is not shuffled. */
  public static <T> Input<T> of(String name, JavaRDD<T> rows, RowMapper<? super T> mapper) {
    Objects.requireNonNull(rows, "rows is null");
    Objects.requireNonNull(mapper, "mapper is null");
    return new Input<>(name, ranks -> OrderedRepartition.of(rows, ranks), mapper);
  }
}

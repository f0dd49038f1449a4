package io.fabric4j.spark.internal.data;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.NarrowDependency;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Deals the rows of a DataFrame out to ranks, in an order that repeats. A shuffle delivers rows in
 * the order in which blocks arrive, hence the sort: by a hash of the whole row, so only equal rows,
 * and rows with equal 64-bit hashes, may trade places.
 */
final class OrderedRows {

  private OrderedRows() {}

  /** Returns the DataFrame's own partitions if they are as many as ranks, else even ones. */
  static JavaRDD<Row> of(Dataset<Row> rows, int ranks) {
    JavaRDD<Row> own = sorted(rows).javaRDD();
    if (OrderedRepartition.isUniform(own.rdd(), ranks)) {
      return own;
    }
    // What Spark has shuffled to find the partitions, it need not shuffle again.
    Dataset<Row> source =
        isShuffled(own.rdd()) ? rows.sparkSession().createDataFrame(own, rows.schema()) : rows;
    // Spark plans no partition at all if it sees that there are no rows.
    return OrderedRepartition.of(sorted(source.repartition(ranks)).javaRDD(), ranks);
  }

  /**
   * Numbers between the columns keep rows apart whose nulls or array ends lie in different columns;
   * the hash of Spark skips nulls.
   */
  private static Dataset<Row> sorted(Dataset<Row> rows) {
    Column[] columns =
        IntStream.range(0, rows.columns().length)
            .boxed()
            .flatMap(i -> Stream.of(functions.lit(i), column(rows.columns()[i])))
            .toArray(Column[]::new);
    return rows.sortWithinPartitions(functions.xxhash64(columns));
  }

  private static Column column(String name) {
    return functions.col("`" + name.replace("`", "``") + "`");
  }

  private static boolean isShuffled(RDD<?> rdd) {
    return CollectionConverters.asJava(rdd.dependencies()).stream()
        .anyMatch(
            dependency ->
                !(dependency instanceof NarrowDependency) || isShuffled(dependency.rdd()));
  }
}

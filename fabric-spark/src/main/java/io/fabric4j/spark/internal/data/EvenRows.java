package io.fabric4j.spark.internal.data;

import org.apache.spark.NarrowDependency;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.jdk.javaapi.CollectionConverters;

/** Deals the rows of a DataFrame out to ranks. */
final class EvenRows {

  private EvenRows() {}

  /** Returns the DataFrame's own partitions if they are as many as ranks, else even ones. */
  static JavaRDD<Row> of(Dataset<Row> rows, int ranks) {
    JavaRDD<Row> own = rows.javaRDD();
    if (OrderedRepartition.isUniform(own.rdd(), ranks)) {
      return own;
    }
    // What Spark has shuffled to find the partitions, it need not shuffle again.
    Dataset<Row> source =
        isShuffled(own.rdd()) ? rows.sparkSession().createDataFrame(own, rows.schema()) : rows;
    // Spark plans no partition at all if it sees that there are no rows.
    return OrderedRepartition.of(source.repartition(ranks).javaRDD(), ranks);
  }

  private static boolean isShuffled(RDD<?> rdd) {
    return CollectionConverters.asJava(rdd.dependencies()).stream()
        .anyMatch(
            dependency ->
                !(dependency instanceof NarrowDependency) || isShuffled(dependency.rdd()));
  }
}

package io.fabric4j.spark.internal.data;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** Deals the rows of a DataFrame out to ranks. */
final class EvenRows {

  private EvenRows() {}

  /**
   * Returns the DataFrame's own partitions, one for each rank if they are as many, several for each
   * if they are more; else even ones.
   */
  static JavaRDD<InternalRow> of(Dataset<Row> rows, int ranks) {
    RDD<InternalRow> own = InternalRows.of(rows);
    if (OrderedRepartition.isUniform(own, ranks)) {
      return own.toJavaRDD();
    }
    if (own.getNumPartitions() >= ranks) {
      return PartitionGroups.of(own, ranks).toJavaRDD();
    }
    // What Spark has shuffled to find the partitions, it need not shuffle again.
    RDD<InternalRow> source =
        PartitionGroups.isShuffled(own) ? own : InternalRows.of(rows.repartition(ranks));
    // Spark plans no partition at all if it sees that there are no rows.
    return OrderedRepartition.isUniform(source, ranks)
        ? source.toJavaRDD()
        : OrderedRepartition.of(source.toJavaRDD().map(InternalRow::copy), ranks);
  }

  /** Returns whether the numbers of rows may differ though nobody has chosen them. */
  static boolean mayBeUneven(RDD<?> rows) {
    return rows instanceof PartitionGroups;
  }
}

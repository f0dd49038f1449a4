package io.fabric4j.spark.internal.data;

import java.util.Comparator;
import java.util.Iterator;
import org.apache.spark.NarrowDependency;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function2;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** Deals the elements of an RDD out to ranks, in the order they have. */
final class OrderedRepartition {
  private static final int POSITION_BITS = 40;

  private OrderedRepartition() {}

  /**
   * Returns the RDD itself if it has the right number of partitions and a barrier stage may compute
   * it, else one whose partitions differ in size by at most one row per partition of the original.
   */
  static <T> JavaRDD<T> of(JavaRDD<T> rows, int partitions) {
    if (isUniform(rows.rdd(), partitions)) {
      return rows;
    }
    JavaPairRDD<Long, T> numbered =
        JavaPairRDD.fromJavaRDD(rows.mapPartitionsWithIndex(new Numbering<>(), false));
    return numbered
        .repartitionAndSortWithinPartitions(new Deal(partitions), Comparator.naturalOrder())
        .values();
  }

  /** Spark refuses barrier stages in which the number of partitions changes, as coalesce does. */
  static boolean isUniform(RDD<?> rdd, int partitions) {
    return rdd.getNumPartitions() == partitions
        && CollectionConverters.asJava(rdd.dependencies()).stream()
            .filter(NarrowDependency.class::isInstance)
            .allMatch(dependency -> isUniform(dependency.rdd(), partitions));
  }

  /** Gives each element its partition and position. */
  private static final class Numbering<T>
      implements Function2<Integer, Iterator<T>, Iterator<Tuple2<Long, T>>> {
    private static final long serialVersionUID = 1L;

    @Override
    public Iterator<Tuple2<Long, T>> call(Integer partition, Iterator<T> rows) {
      return new Iterator<>() {
        private long next = partition.longValue() << POSITION_BITS;

        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public Tuple2<Long, T> next() {
          return new Tuple2<>(next++, rows.next());
        }
      };
    }
  }

  /** Deals the rows of each partition in turns, the first one to another rank each time. */
  private static final class Deal extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int partitions;

    Deal(int partitions) {
      this.partitions = partitions;
    }

    @Override
    public int numPartitions() {
      return partitions;
    }

    @Override
    public int getPartition(Object key) {
      long number = (Long) key;
      long position = number & ((1L << POSITION_BITS) - 1);
      return (int) ((position + (number >>> POSITION_BITS)) % partitions);
    }
  }
}

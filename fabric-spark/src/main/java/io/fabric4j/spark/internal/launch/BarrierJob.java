package io.fabric4j.spark.internal.launch;

import java.io.Serializable;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.resource.ResourceProfile;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/**
 * The RDDs of a launch: the partitions of all inputs side by side, a barrier stage that runs one
 * rank on each, and a shuffle of rank 0's result, because Spark retries a failed barrier stage only
 * if a shuffle follows it.
 *
 * @param ranks the tasks of this RDD are the ranks
 * @param results one element, rank 0's result
 */
record BarrierJob(RDD<byte[]> ranks, JavaRDD<byte[]> results) {

  static BarrierJob of(
      SparkContext context, LaunchPlan plan, List<JavaRDD<?>> inputs, RankTask<?> task) {
    int ranks = plan.ranks();
    JavaRDD<List<Iterator<?>>> partitions =
        JavaSparkContext.fromSparkContext(context)
            .parallelize(Collections.nCopies(ranks, 0), ranks)
            .map(unused -> List.of());
    for (JavaRDD<?> input : inputs) {
      partitions = append(partitions, input);
    }
    RDD<byte[]> barrier =
        partitions
            .rdd()
            .barrier()
            .mapPartitions(new Ranks(task), false, ClassTag$.MODULE$.apply(byte[].class));
    barrier.setName("Fabric, " + ranks + (ranks == 1 ? " rank" : " ranks"));
    if (plan.profile().id() != ResourceProfile.DEFAULT_RESOURCE_PROFILE_ID()) {
      barrier.withResources(plan.profile());
    }
    return new BarrierJob(barrier, barrier.toJavaRDD().repartition(1));
  }

  /** Iterators pass from one RDD to the next within a task; they are never serialized. */
  private static <T> JavaRDD<List<Iterator<?>>> append(
      JavaRDD<List<Iterator<?>>> partitions, JavaRDD<T> input) {
    return partitions.zipPartitions(
        input,
        (lists, rows) -> {
          Stream<Iterator<?>> extended = Stream.concat(lists.next().stream(), Stream.of(rows));
          return List.of(extended.toList()).iterator();
        });
  }

  /** Adapts a task to Spark's Scala signature. */
  private static final class Ranks
      extends AbstractFunction1<
          scala.collection.Iterator<List<Iterator<?>>>, scala.collection.Iterator<byte[]>>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final RankTask<?> task;

    Ranks(RankTask<?> task) {
      this.task = task;
    }

    @Override
    public scala.collection.Iterator<byte[]> apply(
        scala.collection.Iterator<List<Iterator<?>>> partitions) {
      return CollectionConverters.asScala(task.run(partitions.next()).iterator());
    }
  }
}

package io.fabric4j.spark.benchmark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction1;

/** The least that a barrier job takes in which tasks learn of each other. */
final class BarrierProbe extends AbstractFunction1<Iterator<Integer>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Returns the milliseconds of a job. */
  static long run(SparkSession spark) {
    long start = System.currentTimeMillis();
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(Collections.nCopies(FirstStep.RANKS, 0), FirstStep.RANKS)
        .rdd()
        .barrier()
        .<String>mapPartitions(new BarrierProbe(), false, ClassTag$.MODULE$.apply(String.class))
        .toJavaRDD()
        .collect();
    return System.currentTimeMillis() - start;
  }

  @Override
  public Iterator<String> apply(Iterator<Integer> rows) {
    BarrierTaskContext context = BarrierTaskContext.get();
    return CollectionConverters.asScala(
        Arrays.asList(context.allGather("rank " + context.partitionId())).iterator());
  }
}

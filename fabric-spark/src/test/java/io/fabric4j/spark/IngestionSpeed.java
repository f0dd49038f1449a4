package io.fabric4j.spark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How fast ranks read a DataFrame, against tasks that read its rows and do nothing with them:
 * {@code java ... io.fabric4j.spark.IngestionSpeed FOLDER}. Time is that of the process on its
 * processors, which other processes do not lengthen.
 */
final class IngestionSpeed {
  private static final long ROWS = 1_000_000;
  private static final int COLUMNS = 50;
  private static final int RANKS = 2;
  private static final int ROUNDS = 5;

  private final SparkSession spark;
  private final Dataset<Row> data;

  private IngestionSpeed(SparkSession spark, Dataset<Row> data) {
    this.spark = spark;
    this.data = data;
  }

  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[" + RANKS + "]")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    try {
      run(spark, Path.of(args[0]));
    } finally {
      spark.stop();
    }
  }

  /**
   * Returns the median ratio of rows per second, ranks to tasks, of an input that is not shuffled.
   */
  static double run(SparkSession spark, Path folder) {
    String file = folder.resolve("rows.parquet").toString();
    String[] columns =
        IntStream.range(0, COLUMNS)
            .mapToObj(i -> "sin(id * " + (i + 1) + ") as x" + i)
            .toArray(String[]::new);
    spark.range(0, ROWS, 1, RANKS).selectExpr(columns).write().mode("overwrite").parquet(file);
    spark.conf().set("spark.sql.files.minPartitionNum", RANKS);
    spark.conf().set("spark.sql.files.maxPartitionBytes", "2g");
    double median = new IngestionSpeed(spark, spark.read().parquet(file)).measure("as it is");
    spark.conf().set("spark.sql.files.maxPartitionBytes", "64m");
    new IngestionSpeed(spark, spark.read().parquet(file)).measure("shuffled");
    return median;
  }

  private double measure(String how) {
    Dataset<Row> none = data.where("x0 > 2");
    double[] ratios = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      double tasks = seconds(() -> read(data));
      double start = seconds(() -> ingest(none));
      double ranks = seconds(() -> ingest(data)) - start;
      ratios[round] = tasks / ranks;
      System.out.printf(
          "%,d rows of %d doubles in %d partitions, %s: foreachPartition %,.0f rows per CPU second,"
              + " %d ranks %,.0f, ratio %.2f%n",
          ROWS,
          COLUMNS,
          data.javaRDD().getNumPartitions(),
          how,
          ROWS / tasks,
          RANKS,
          ROWS / ranks,
          tasks / ranks);
    }
    Arrays.sort(ratios);
    return ratios[ROUNDS / 2];
  }

  private static void read(Dataset<Row> rows) {
    rows.foreachPartition((ForeachPartitionFunction<Row>) IngestionSpeed::drain);
  }

  private static void drain(Iterator<Row> rows) {
    while (rows.hasNext()) {
      rows.next();
    }
  }

  private void ingest(Dataset<Row> rows) {
    SparkFabric.builder(spark)
        .numWorkers(RANKS)
        .input("train", rows)
        .build()
        .launch((fabric, shards) -> shards.get("train").rows());
  }

  private static double seconds(Runnable task) {
    OperatingSystemMXBean process =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    long start = process.getProcessCpuTime();
    task.run();
    return (process.getProcessCpuTime() - start) / 1e9;
  }
}

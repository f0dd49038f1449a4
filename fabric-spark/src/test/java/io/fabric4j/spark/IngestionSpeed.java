package io.fabric4j.spark;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How fast ranks read a DataFrame, against tasks that read its rows and do nothing with them:
 * {@code java ... io.fabric4j.spark.IngestionSpeed FOLDER [rows]}.
 */
final class IngestionSpeed {
  private static final int COLUMNS = 50;
  private static final int RANKS = 2;
  private static final int ROUNDS = 3;

  private IngestionSpeed() {}

  public static void main(String[] args) {
    long rows = args.length > 1 ? Long.parseLong(args[1]) : 1_000_000;
    SparkSession spark =
        SparkSession.builder()
            .master("local[" + RANKS + "]")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    try {
      run(spark, Path.of(args[0]), rows);
    } finally {
      spark.stop();
    }
  }

  /** Returns how many rows ranks read while tasks that do nothing read one. */
  static double run(SparkSession spark, Path folder, long rows) {
    String file = folder.resolve("rows.parquet").toString();
    String columns =
        IntStream.range(0, COLUMNS)
            .mapToObj(i -> "sin(id * " + (i + 1) + ") as x" + i)
            .collect(Collectors.joining(","));
    spark
        .range(0, rows, 1, RANKS)
        .selectExpr(columns.split(","))
        .write()
        .mode("overwrite")
        .parquet(file);
    Dataset<Row> data = spark.read().parquet(file);
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double plain =
          seconds(
              () -> data.foreachPartition((ForeachPartitionFunction<Row>) IngestionSpeed::read));
      double empty = seconds(() -> ingest(spark, data.limit(0)));
      double ranks = seconds(() -> ingest(spark, data)) - empty;
      double ratio = plain / ranks;
      best = Math.max(best, ratio);
      System.out.printf(
          "%,d rows x %d doubles: foreachPartition %,.0f rows/s, ranks %,.0f rows/s (+ %.1f s to start), ratio %.2f%n",
          rows, COLUMNS, rows / plain, rows / ranks, empty, ratio);
    }
    return best;
  }

  private static void read(Iterator<Row> rows) {
    while (rows.hasNext()) {
      rows.next();
    }
  }

  private static void ingest(SparkSession spark, Dataset<Row> data) {
    SparkFabric.builder(spark)
        .numWorkers(RANKS)
        .input("train", data)
        .build()
        .launch((fabric, shards) -> shards.get("train").rows());
  }

  private static double seconds(Runnable task) {
    long start = System.nanoTime();
    task.run();
    return (System.nanoTime() - start) / 1e9;
  }
}

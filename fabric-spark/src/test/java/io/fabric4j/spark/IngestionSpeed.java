package io.fabric4j.spark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How fast ranks read a Parquet file, against tasks that read its rows and do nothing with them. A
 * launch counts from the call to the moment when each rank has its shard, start of the job and
 * rendezvous included; both are measured in turns.
 *
 * <pre>{@code
 * mvn -q -Pbench-spark -pl fabric-spark -am process-test-classes
 *     -Dbench.class=IngestionSpeed -Dbench.args='FOLDER [ROWS]'
 * }</pre>
 */
final class IngestionSpeed {
  private static final int COLUMNS = 50;
  private static final int RANKS = 2;
  private static final int ROUNDS = 5;

  private final SparkSession spark;
  private final long rows;
  private final Dataset<Row> data;

  private IngestionSpeed(SparkSession spark, long rows, Dataset<Row> data) {
    this.spark = spark;
    this.rows = rows;
    this.data = data;
  }

  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder()
            .master("local[" + RANKS + "]")
            .config("spark.ui.enabled", "false")
            .getOrCreate();
    try {
      run(spark, args.length > 1 ? Long.parseLong(args[1]) : 5_000_000, Path.of(args[0]));
    } finally {
      spark.stop();
    }
  }

  /** Seconds by the clock, and seconds of this process on its processors. */
  private record Times(double wall, double processors) {

    static Times of(Runnable task) {
      OperatingSystemMXBean process =
          ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
      long start = System.nanoTime();
      long busy = process.getProcessCpuTime();
      task.run();
      return new Times(
          (System.nanoTime() - start) / 1e9, (process.getProcessCpuTime() - busy) / 1e9);
    }
  }

  /** A plain read and a launch, one after the other. */
  record Round(double wallRatio, double processorRatio) {}

  /** Returns the round of the median ratio of rows per second, launch to plain read. */
  static Round run(SparkSession spark, long rows, Path folder) {
    String file = folder.resolve("rows.parquet").toString();
    String[] columns =
        IntStream.range(0, COLUMNS)
            .mapToObj(i -> "cast(sin(id * " + (i + 1) + ") as float) as x" + i)
            .toArray(String[]::new);
    spark.range(0, rows, 1, 4 * RANKS).selectExpr(columns).write().mode("overwrite").parquet(file);
    return new IngestionSpeed(spark, rows, spark.read().parquet(file)).measure();
  }

  private Round measure() {
    System.out.printf(
        "%,d rows of %d floats, Parquet in %d partitions, %d ranks%n",
        rows, COLUMNS, data.javaRDD().getNumPartitions(), RANKS);
    List<Round> rounds = new ArrayList<>();
    for (int i = 0; i <= ROUNDS; i++) {
      Times plain = Times.of(this::read);
      Times launch = Times.of(this::ingest);
      Round round = new Round(plain.wall / launch.wall, plain.processors / launch.processors);
      System.out.printf(
          Locale.ROOT,
          "foreachPartition %,.0f rows/s (%.1f s, CPU %.1f s), launch %,.0f rows/s (%.1f s, CPU"
              + " %.1f s), ratio %.2f, of CPU time %.2f%s%n",
          rows / plain.wall,
          plain.wall,
          plain.processors,
          rows / launch.wall,
          launch.wall,
          launch.processors,
          round.wallRatio,
          round.processorRatio,
          i == 0 ? " (warm-up)" : "");
      if (i > 0) {
        rounds.add(round);
      }
    }
    rounds.sort(Comparator.comparing(Round::wallRatio));
    System.out.printf(Locale.ROOT, "median ratio %.2f%n", rounds.get(ROUNDS / 2).wallRatio);
    return rounds.get(ROUNDS / 2);
  }

  private void read() {
    data.foreachPartition((ForeachPartitionFunction<Row>) IngestionSpeed::drain);
  }

  private static void drain(Iterator<Row> rows) {
    while (rows.hasNext()) {
      rows.next();
    }
  }

  private void ingest() {
    long all =
        SparkFabric.builder(spark)
            .numWorkers(RANKS)
            .input("train", data)
            .option(SparkFabricOptions.PROGRESS, SparkFabricOptions.PROGRESS_OFF)
            .build()
            .<Long>launch(
                (fabric, shards) ->
                    fabric.processGroup().allGatherObject(shards.get("train").rows()).stream()
                        .mapToLong(Long::longValue)
                        .sum());
    if (all != rows) {
      throw new IllegalStateException("The ranks read " + all + " of " + rows + " rows.");
    }
  }
}

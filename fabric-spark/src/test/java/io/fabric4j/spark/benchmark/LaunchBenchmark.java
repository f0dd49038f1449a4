package io.fabric4j.spark.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Time from {@code launch} to the end of the first training step (MLP, Adam) of two ranks on
 * executors of {@code local-cluster}, by its parts and beside a barrier job of Spark whose tasks
 * call {@code allGather} once, as Markdown. The executors are up in all cases; libtorch has yet to
 * be extracted on the host, has yet to be loaded, or is loaded. Run:
 *
 * <pre>{@code bench/cpu/run launch}</pre>
 */
public final class LaunchBenchmark {
  private static final int ROUNDS = 7;

  private LaunchBenchmark() {}

  public static void main(String[] args) throws IOException {
    Path cache = Files.createTempDirectory("launch");
    Map<String, Map<String, Long>> columns = new LinkedHashMap<>();
    try (SparkSession spark = session(cache)) {
      columns.put("libraries to be extracted", medians(spark, 1));
    }
    try (SparkSession spark = session(cache)) {
      columns.put("to be loaded", medians(spark, 1));
      columns.put("loaded, median of " + ROUNDS, medians(spark, ROUNDS));
    }
    print(columns);
  }

  private static SparkSession session(Path cache) {
    SparkSession spark =
        SparkSession.builder()
            .master("local-cluster[" + FirstStep.RANKS + ",1,2048]")
            .config("spark.executor.memory", "1g")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executorEnv.DJL_CACHE_DIR", cache.toString())
            .config("spark.ui.enabled", false)
            .getOrCreate();
    JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(0, 1), FirstStep.RANKS)
        .foreachPartition(unused -> StartLines.collect());
    return spark;
  }

  private static Map<String, Long> medians(SparkSession spark, int rounds) {
    List<Map<String, Long>> times = new ArrayList<>();
    BarrierProbe.run(spark);
    for (int round = 0; round < rounds; round++) {
      Map<String, Long> parts = new LinkedHashMap<>();
      parts.put("Spark's barrier job", BarrierProbe.run(spark));
      parts.putAll(FirstStep.launch(spark));
      times.add(parts);
    }
    Map<String, Long> medians = new LinkedHashMap<>();
    for (String part : times.get(0).keySet()) {
      medians.put(part, times.stream().map(t -> t.get(part)).sorted().toList().get(rounds / 2));
    }
    return medians;
  }

  private static void print(Map<String, Map<String, Long>> columns) {
    System.out.println("## Launch\n");
    System.out.println("| ms | " + String.join(" | ", columns.keySet()) + " |");
    System.out.println("| --- |" + " ---: |".repeat(columns.size()));
    for (String part : columns.values().iterator().next().keySet()) {
      StringBuilder line = new StringBuilder("| " + part + " |");
      columns.values().forEach(times -> line.append(" ").append(times.get(part)).append(" |"));
      System.out.println(line);
    }
  }
}

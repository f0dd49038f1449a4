package io.fabric4j.spark.benchmark;

import io.fabric4j.spark.ml.FabricClassifier;
import io.fabric4j.spark.ml.Network;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.spark.ml.PredictionModel;
import org.apache.spark.ml.classification.MultilayerPerceptronClassifier;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A FabricClassifier beside Spark's MultilayerPerceptronClassifier: the same rows of MNIST, the
 * same layers 784-512-256-10, local[2], a warm fit of the fewest iterations that reach an accuracy
 * on 2,000 test images, and rows per second of transform. Prints a Markdown table.
 *
 * <pre>{@code
 * mvn -q -Pbench-spark -pl fabric-spark -am process-test-classes
 *     -Dbench.class=benchmark.MultilayerPerceptronBenchmark -Dbench.args='FOLDER [ROW ...]'
 * }</pre>
 *
 * FOLDER has MNIST's gzipped IDX files. Each row has a process of its own: {@code fabric}, {@code
 * vector} (Spark's with the JDK's vector module), {@code native} (Spark's with the BLAS that the
 * linker finds as libblas.so.3). A row such as {@code native=28,64} does not search for the
 * iterations, which takes minutes; {@code native=28} leaves the second accuracy out.
 */
public final class MultilayerPerceptronBenchmark {
  private static final int[] LAYERS = {784, 512, 256, 10};
  private static final double[] ACCURACIES = {0.90, 0.95};
  private static final int MOST_ITERATIONS = 200;
  private static final int COPIES = 10;
  private static final int ROUNDS = 2;
  private static final String RESULT = "| ";

  private final Dataset<Row> train;
  private final Dataset<Row> test;
  private final IntFunction<PredictionModel<Vector, ?>> fit;

  private MultilayerPerceptronBenchmark(
      MnistRows rows, IntFunction<PredictionModel<Vector, ?>> fit) {
    train = rows.train();
    test = rows.test();
    this.fit = fit;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    if (args[0].equals("row")) {
      row(args);
      return;
    }
    System.out.println("| classifier | fit to 90 % | fit to 95 % | transform |");
    System.out.println("| --- | --- | --- | --- |");
    List<String> rows =
        args.length > 1
            ? List.of(args).subList(1, args.length)
            : List.of("fabric", "vector", "native");
    for (String row : rows) {
      start(row.split("=", 2), args[0]);
    }
  }

  /** Runs one row in a process of its own and prints what it measures. */
  private static void start(String[] row, String folder) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    if (row[0].equals("vector")) {
      command.add("--add-modules=jdk.incubator.vector");
      command.add("-Ddev.ludovic.netlib.blas.nativeLib=none");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(MultilayerPerceptronBenchmark.class.getName(), "row", row[0], folder));
    command.addAll(List.of(row).subList(1, row.length));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> line.startsWith(RESULT)).forEach(System.out::println);
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("The row " + row[0] + " failed.");
    }
  }

  private static void row(String[] args) throws IOException {
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    try {
      MnistRows rows = MnistRows.read(spark, Path.of(args[2]));
      MultilayerPerceptronBenchmark benchmark =
          args[1].equals("fabric") ? fabric(rows) : multilayerPerceptron(rows);
      benchmark.measure(args[1], args.length > 3 ? args[3].split(",") : null);
    } finally {
      spark.stop();
    }
  }

  private static MultilayerPerceptronBenchmark fabric(MnistRows rows) {
    Dataset<Row> train = rows.train();
    return new MultilayerPerceptronBenchmark(
        rows,
        iterations ->
            new FabricClassifier()
                .setNetwork(Network.mlp(LAYERS[1], LAYERS[2]))
                .setMaxIter(iterations)
                .setNumWorkers(1)
                .fit(train));
  }

  private static MultilayerPerceptronBenchmark multilayerPerceptron(MnistRows rows) {
    Dataset<Row> train = rows.train();
    return new MultilayerPerceptronBenchmark(
        rows,
        iterations ->
            new MultilayerPerceptronClassifier()
                .setLayers(LAYERS)
                .setMaxIter(iterations)
                .setSeed(1)
                .fit(train));
  }

  private void measure(String name, String[] iterations) {
    fit.apply(1);
    StringBuilder line = new StringBuilder(RESULT + name);
    PredictionModel<Vector, ?> model = null;
    int columns = iterations == null ? ACCURACIES.length : iterations.length;
    for (int i = 0; i < columns; i++) {
      int fewest = iterations == null ? fewest(ACCURACIES[i]) : Integer.parseInt(iterations[i]);
      long start = System.nanoTime();
      model = fit.apply(fewest);
      double seconds = (System.nanoTime() - start) / 1e9;
      line.append(
          String.format(
              Locale.ROOT,
              " | %.2f s, %d iterations, %.2f %%",
              seconds,
              fewest,
              100 * accuracy(model)));
    }
    line.append(String.format(Locale.ROOT, " | %,.0f rows/s |", rowsPerSecond(model)));
    System.out.println(line);
  }

  /** Doubles the iterations until they suffice, then halves the interval. */
  private int fewest(double accuracy) {
    int most = 1;
    while (most < MOST_ITERATIONS && accuracy(fit.apply(most)) < accuracy) {
      most *= 2;
    }
    int few = most / 2;
    while (most - few > 1) {
      int middle = (few + most) / 2;
      if (accuracy(fit.apply(middle)) < accuracy) {
        few = middle;
      } else {
        most = middle;
      }
    }
    return most;
  }

  private double accuracy(PredictionModel<Vector, ?> model) {
    return new MulticlassClassificationEvaluator()
        .setMetricName("accuracy")
        .evaluate(model.transform(test));
  }

  /** So many rows that the time to start a job does not count. */
  private double rowsPerSecond(PredictionModel<Vector, ?> model) {
    Dataset<Row> many = train.crossJoin(train.sparkSession().range(COPIES).toDF());
    long rows = many.count();
    double best = 0;
    for (int i = 0; i <= ROUNDS; i++) {
      long start = System.nanoTime();
      model.transform(many).agg(Map.of("prediction", "avg")).head();
      best = Math.max(best, rows / ((System.nanoTime() - start) / 1e9));
    }
    return best;
  }
}

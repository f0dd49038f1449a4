package io.fabric4j.spark.benchmark;

import io.fabric4j.spark.ml.FabricRegressor;
import io.fabric4j.spark.ml.Network;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.GBTRegressor;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A FabricRegressor beside Spark's LinearRegression and GBTRegressor on a wide table: 200,000 rows
 * of 100 columns, a quantity that depends on twenty of them in a non-linear way, 20 % of the rows
 * for the test. Prints a Markdown table; the process is warmed up by short fits.
 *
 * <pre>{@code
 * mvn -q -Pbench-spark -pl fabric-spark -am process-test-classes
 *     -Dbench.class=benchmark.TabularRegressionBenchmark
 * }</pre>
 */
public final class TabularRegressionBenchmark {
  private static final int ROWS = 200_000;
  private static final int COLUMNS = 100;
  private static final int EPOCHS = 10;
  private static final int TREES = 20;

  private final Dataset<Row> train;
  private final Dataset<Row> test;

  private TabularRegressionBenchmark(Dataset<Row> rows) {
    Dataset<Row>[] parts = rows.randomSplit(new double[] {0.8, 0.2}, 1);
    train = parts[0].cache();
    test = parts[1].cache();
    System.out.printf(Locale.ROOT, "%,d rows to train, %,d to test%n", train.count(), test.count());
  }

  public static void main(String[] args) {
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    try {
      new TabularRegressionBenchmark(rows(spark)).run();
    } finally {
      spark.stop();
    }
  }

  /** Friedman's function of five columns, four times, and noise. */
  private static Dataset<Row> rows(SparkSession spark) {
    String[] columns =
        Stream.concat(
                Stream.of("id"),
                IntStream.range(0, COLUMNS).mapToObj(i -> "rand(" + i + ") as x" + i))
            .toArray(String[]::new);
    String[] parts =
        IntStream.range(0, 4)
            .map(i -> 5 * i)
            .mapToObj(
                i ->
                    "10 * sin(pi() * x%d * x%d) + 20 * pow(x%d - 0.5, 2) + 10 * x%d + 5 * x%d"
                        .formatted(i, i + 1, i + 2, i + 3, i + 4))
            .toArray(String[]::new);
    Dataset<Row> table =
        spark
            .range(0, ROWS, 1, 2)
            .selectExpr(columns)
            .selectExpr("*", String.join(" + ", parts) + " + randn(1000) as label");
    return new VectorAssembler()
        .setInputCols(IntStream.range(0, COLUMNS).mapToObj(i -> "x" + i).toArray(String[]::new))
        .setOutputCol("features")
        .transform(table)
        .select("features", "label");
  }

  private void run() {
    System.out.println("| regressor | fit | RMSE | R2 |");
    System.out.println("| --- | --- | --- | --- |");
    new LinearRegression().setMaxIter(1).fit(train);
    print("LinearRegression", () -> new LinearRegression().fit(train));
    new GBTRegressor().setMaxIter(1).fit(train);
    print(
        "GBTRegressor, " + TREES + " trees", () -> new GBTRegressor().setMaxIter(TREES).fit(train));
    network(1).fit(train);
    print("FabricRegressor, " + EPOCHS + " epochs", () -> network(EPOCHS).fit(train));
  }

  private static FabricRegressor network(int epochs) {
    return new FabricRegressor()
        .setNetwork(Network.mlp(128, 64))
        .setBatchSize(256)
        .setNumWorkers(2)
        .setMaxIter(epochs);
  }

  private void print(String name, Supplier<Transformer> fit) {
    long start = System.nanoTime();
    Transformer model = fit.get();
    double seconds = (System.nanoTime() - start) / 1e9;
    Dataset<Row> predictions = model.transform(test);
    System.out.printf(
        Locale.ROOT,
        "| %s | %.1f s | %.3f | %.4f |%n",
        name,
        seconds,
        new RegressionEvaluator().setMetricName("rmse").evaluate(predictions),
        new RegressionEvaluator().setMetricName("r2").evaluate(predictions));
  }
}

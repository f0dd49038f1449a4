package io.fabric4j.spark.examples;

import io.fabric4j.FabricException;
import io.fabric4j.spark.ml.FabricRegressor;
import io.fabric4j.spark.ml.Network;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ml.evaluation.RegressionEvaluator;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.regression.LinearRegression;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.functions;

/**
 * Forecasts the demand of the next hour from the demand of the hours before, the time and the
 * temperature, on a made-up series of three years. It trains on the first 80 % of the hours and
 * prints the error on the others, beside those of yesterday's demand and of a linear regression.
 */
public final class ForecastRegression {
  private static final int HOURS = 3 * 365 * 24;
  private static final int EPOCHS = 20;
  private static final int[] LAGS = {1, 2, 3, 24, 25, 48, 168};
  private static final String[] CALENDAR = {
    "sin(2 * pi() * hour / 24) as day_sin",
    "cos(2 * pi() * hour / 24) as day_cos",
    "cast(hour div 24 % 7 >= 5 as double) as weekend"
  };

  /** Heating below 15 degrees, cooling above 22, both by day and less at weekends. */
  private static final String DEMAND =
      "100 + hour / 2000"
          + " + (3 * greatest(15 - temperature, 0) + 5 * greatest(temperature - 22, 0))"
          + " * (1 + sin(2 * pi() * (hour - 8) / 24)) * if(hour div 24 % 7 >= 5, 0.6, 1)"
          + " + 5 * noise as demand";

  private ForecastRegression() {}

  /** Runs the program, which has no arguments. A failure prints one message, exit 1. */
  public static void main(String[] args) {
    SparkSession spark = SparkSession.builder().appName("ForecastRegression").getOrCreate();
    try {
      forecast(features(series(spark)).cache());
    } catch (FabricException e) {
      System.err.println("ForecastRegression failed: " + e.getMessage());
      System.exit(1);
    } finally {
      spark.stop();
    }
  }

  private static Dataset<Row> series(SparkSession spark) {
    return spark
        .range(0, HOURS, 1, 1)
        .selectExpr(
            "id as hour",
            "12 - 12 * cos(2 * pi() * id / 8760) + 5 * sin(2 * pi() * (id - 9) / 24)"
                + " + 2 * randn(1) as temperature",
            "randn(2) as noise")
        .selectExpr("hour", "temperature", DEMAND);
  }

  private static Dataset<Row> features(Dataset<Row> series) {
    WindowSpec before = Window.orderBy("hour");
    Dataset<Row> rows = series;
    for (int lag : LAGS) {
      rows = rows.withColumn("lag" + lag, functions.lag("demand", lag).over(before));
    }
    Dataset<Row> complete =
        rows.where("lag168 is not null")
            .selectExpr(Stream.concat(Stream.of("*"), Stream.of(CALENDAR)).toArray(String[]::new));
    return new VectorAssembler()
        .setInputCols(
            Stream.concat(
                    IntStream.of(LAGS).mapToObj(lag -> "lag" + lag),
                    Stream.of("temperature", "day_sin", "day_cos", "weekend"))
                .toArray(String[]::new))
        .setOutputCol("features")
        .transform(complete)
        .withColumnRenamed("demand", "label")
        .repartition(2);
  }

  private static void forecast(Dataset<Row> rows) {
    long split = HOURS * 8L / 10;
    Dataset<Row> train = rows.where("hour < " + split);
    Dataset<Row> test = rows.where("hour >= " + split);
    print("Yesterday's demand", test.withColumn("prediction", functions.col("lag24")));
    print("Linear regression", new LinearRegression().fit(train).transform(test));
    print(
        "Network",
        new FabricRegressor()
            .setNetwork(Network.mlp(64, 64))
            .setMaxIter(EPOCHS)
            .fit(train)
            .transform(test));
  }

  private static void print(String title, Dataset<Row> predictions) {
    System.out.printf(
        Locale.ROOT,
        "%s: root mean square error %.2f%n",
        title,
        new RegressionEvaluator().setMetricName("rmse").evaluate(predictions));
  }
}

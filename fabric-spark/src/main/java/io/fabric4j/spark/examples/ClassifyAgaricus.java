package io.fabric4j.spark.examples;

import io.fabric4j.FabricException;
import io.fabric4j.spark.ml.FabricClassificationModel;
import io.fabric4j.spark.ml.FabricClassifier;
import io.fabric4j.spark.ml.Network;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Tells edible mushrooms from poisonous ones, by sparse binary features in libsvm files. The
 * argument is a folder with {@code agaricus.txt.train} and {@code agaricus.txt.test}; without one,
 * mushrooms are made up.
 */
public final class ClassifyAgaricus {
  private static final int FEATURES = 126;
  private static final int EPOCHS = 20;

  private ClassifyAgaricus() {}

  /** Runs the program. A failure prints one message, exit 1. */
  public static void main(String[] args) {
    try {
      run(args);
    } catch (IllegalArgumentException | FabricException e) {
      System.err.println("ClassifyAgaricus failed: " + e.getMessage());
      System.exit(1);
    }
  }

  static void run(String... args) {
    if (args.length > 1 || (args.length == 1 && !Files.isDirectory(Path.of(args[0])))) {
      throw new IllegalArgumentException(
          "The argument is "
              + String.join(" ", args)
              + ", which is not a local folder. Pass one with agaricus.txt.train and"
              + " agaricus.txt.test, or nothing for made-up mushrooms.");
    }
    SparkSession spark = SparkSession.builder().appName("ClassifyAgaricus").getOrCreate();
    try {
      if (args.length == 0) {
        classify(Mushrooms.grow(spark, 6000, 1), Mushrooms.grow(spark, 2000, 2));
      } else {
        classify(read(spark, args[0], "train"), read(spark, args[0], "test"));
      }
    } finally {
      spark.stop();
    }
  }

  private static Dataset<Row> read(SparkSession spark, String folder, String part) {
    return spark
        .read()
        .format("libsvm")
        .option("numFeatures", FEATURES)
        .load(Path.of(folder, "agaricus.txt." + part).toUri().toString());
  }

  private static void classify(Dataset<Row> train, Dataset<Row> test) {
    FabricClassificationModel model =
        new FabricClassifier().setNetwork(Network.mlp(64)).setMaxIter(EPOCHS).fit(train);
    Dataset<Row> predictions = model.transform(test);
    double accuracy =
        new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(predictions);
    predictions.groupBy("label", "prediction").count().orderBy("label", "prediction").show();
    System.out.printf(Locale.ROOT, "Test accuracy: %.2f %%%n", 100 * accuracy);
  }
}

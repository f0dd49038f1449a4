package io.fabric4j.spark.examples;

import io.fabric4j.FabricException;
import io.fabric4j.spark.ml.FabricClassifier;
import io.fabric4j.spark.ml.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.feature.VectorAssembler;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Recognizes digits with a pipeline of Spark ML: labels that are words are indexed, the lines of an
 * image become one vector, a network is trained on them, and the pipeline is saved and loaded
 * again. Arguments: the folder to save to, and optionally a local folder with MNIST's IDX files;
 * without it, digits are drawn.
 */
public final class MnistPipeline {
  private static final List<String> NAMES =
      List.of("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine");
  private static final int DRAWN = 5000;
  private static final int EPOCHS = 5;

  private MnistPipeline() {}

  /** Runs the program. A failure prints one message, exit 1. */
  public static void main(String[] args) {
    try {
      run(args);
    } catch (IllegalArgumentException | IOException | FabricException e) {
      System.err.println("MnistPipeline failed: " + e.getMessage());
      System.exit(1);
    }
  }

  static void run(String... args) throws IOException {
    if (args.length < 1 || args.length > 2) {
      throw new IllegalArgumentException(
          "There are "
              + args.length
              + " arguments. Pass the folder to save the pipeline to, and optionally a local folder"
              + " with MNIST's files.");
    }
    ImageSplit images =
        args.length > 1
            ? MnistFolder.read(Path.of(args[1]))
            : ImageSplit.of(StrokeDigits.draw(DRAWN, 1));
    SparkSession spark = SparkSession.builder().appName("MnistPipeline").getOrCreate();
    try {
      Dataset<Row> test = rows(spark, images.test());
      PipelineModel model = pipeline(images.train().rows()).fit(rows(spark, images.train()));
      model.write().overwrite().save(args[0]);
      print("Test accuracy", model, test);
      print("Of the saved pipeline", PipelineModel.load(args[0]), test);
    } finally {
      spark.stop();
    }
  }

  private static Pipeline pipeline(int lines) {
    return new Pipeline()
        .setStages(
            new PipelineStage[] {
              new StringIndexer().setInputCol("name").setOutputCol("label"),
              new VectorAssembler().setInputCols(lines(lines)).setOutputCol("features"),
              new FabricClassifier().setNetwork(Network.mlp(512, 256)).setMaxIter(EPOCHS)
            });
  }

  private static String[] lines(int count) {
    return IntStream.range(0, count).mapToObj(i -> "line" + i).toArray(String[]::new);
  }

  private static void print(String title, PipelineModel model, Dataset<Row> test) {
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(model.transform(test));
    System.out.printf(Locale.ROOT, "%s: %.2f %%%n", title, 100 * accuracy);
  }

  /** Returns the name of each digit, and a vector for each line of its image. */
  private static Dataset<Row> rows(SparkSession spark, LabeledImages images) {
    StructType schema = new StructType().add("name", DataTypes.StringType);
    for (String line : lines(images.rows())) {
      schema = schema.add(line, SQLDataTypes.VectorType());
    }
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      rows.add(row(images, i));
    }
    return spark.createDataFrame(rows, schema);
  }

  private static Row row(LabeledImages images, int index) {
    Object[] values = new Object[images.rows() + 1];
    values[0] = NAMES.get(images.labels()[index]);
    int next = index * images.rows() * images.cols();
    for (int line = 1; line < values.length; line++) {
      double[] pixels = new double[images.cols()];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (images.pixels()[next++] & 0xff) / 255.0;
      }
      values[line] = Vectors.dense(pixels);
    }
    return RowFactory.create(values);
  }
}

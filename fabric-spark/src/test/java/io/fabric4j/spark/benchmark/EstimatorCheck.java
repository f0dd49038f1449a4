package io.fabric4j.spark.benchmark;

import io.fabric4j.spark.ml.FabricClassificationModel;
import io.fabric4j.spark.ml.FabricClassifier;
import io.fabric4j.spark.ml.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Fits a classifier and applies it in executors with one GPU each, and prints for each precision
 * its accuracy and how far the probabilities are from those of the CPU, as JSON lines. Arguments:
 * the accelerator ({@code cuda}, {@code cpu}), the number of executors, a folder for the models.
 */
public final class EstimatorCheck {
  private static final int FEATURES = 32;
  private static final int CLASSES = 4;

  private EstimatorCheck() {}

  public static void main(String[] args) throws IOException {
    boolean gpus = args[0].equals("cuda");
    int ranks = Integer.parseInt(args[1]);
    Path folder = Files.createDirectories(Path.of(args[2])).toAbsolutePath();
    SparkSession.Builder cluster = ScalingBenchmark.cluster(args[0], ranks, folder);
    if (gpus) {
      cluster.config("spark.task.resource.gpu.amount", 1);
    }
    try (SparkSession spark = cluster.getOrCreate()) {
      Dataset<Row> train = points(spark, 20_000, 1).repartition(ranks).cache();
      Dataset<Row> test = points(spark, 5_000, 2).repartition(ranks).cache();
      for (String precision : List.of("32-true", "bf16-mixed")) {
        FabricClassificationModel model =
            new FabricClassifier()
                .setNetwork(Network.mlp(128, 64))
                .setMaxIter(5)
                .setNumWorkers(ranks)
                .setPrecision(precision)
                .setUseGpu(Boolean.toString(gpus))
                .fit(train);
        report(precision, model, test, folder.resolve(precision).toString());
      }
    }
  }

  private static void report(
      String precision, FabricClassificationModel model, Dataset<Row> test, String path)
      throws IOException {
    model.write().overwrite().save(path);
    FabricClassificationModel onCpu = FabricClassificationModel.load(path).setUseGpu("false");
    Dataset<Row> predictions = model.transform(test);
    System.out.printf(
        "{\"side\":\"fabric\",\"check\":\"estimator\",\"gpu\":\"%s\",\"precision\":\"%s\","
            + "\"accuracy\":%.4f,\"from_cpu\":%.2g}%n",
        model.getUseGpu(),
        precision,
        new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(predictions),
        distance(probabilities(predictions), probabilities(onCpu.transform(test))));
  }

  private static List<Row> probabilities(Dataset<Row> predictions) {
    return predictions.select("probability").collectAsList();
  }

  private static double distance(List<Row> one, List<Row> other) {
    double largest = 0;
    for (int i = 0; i < one.size(); i++) {
      Vector vector = one.get(i).getAs(0);
      largest = Math.max(largest, Math.sqrt(Vectors.sqdist(vector, other.get(i).<Vector>getAs(0))));
    }
    return largest;
  }

  /** Returns points around a centre per class, with centres so close that classes overlap. */
  private static Dataset<Row> points(SparkSession spark, int count, long seed) {
    Random centres = new Random(0);
    double[][] centre = new double[CLASSES][FEATURES];
    for (double[] point : centre) {
      Arrays.setAll(point, i -> 0.5 * centres.nextGaussian());
    }
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>(count);
    for (int row = 0; row < count; row++) {
      int label = random.nextInt(CLASSES);
      double[] point = new double[FEATURES];
      Arrays.setAll(point, i -> centre[label][i] + random.nextGaussian());
      rows.add(RowFactory.create((double) label, Vectors.dense(point)));
    }
    StructType schema =
        new StructType()
            .add("label", DataTypes.DoubleType)
            .add("features", SQLDataTypes.VectorType());
    return spark.createDataFrame(rows, schema);
  }
}

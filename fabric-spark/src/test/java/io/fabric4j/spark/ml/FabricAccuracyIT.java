package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What default params are worth on data that everybody knows. */
@Timeout(300)
class FabricAccuracyIT extends MLTest {
  private static final Path DATA = Path.of("../../shared/data").toAbsolutePath().normalize();
  private static final int PIXELS = 784;
  private static final int TRAIN = 8000;

  private static double accuracy(FabricClassificationModel model, Dataset<Row> test) {
    double accuracy =
        new MulticlassClassificationEvaluator()
            .setMetricName("accuracy")
            .evaluate(model.transform(test));
    System.out.printf(
        "%s: accuracy %.4f, %d epochs, %.1f s%n",
        model.getFeaturesCol(),
        accuracy,
        model.summary().totalIterations(),
        model.summary().seconds());
    return accuracy;
  }

  @Test
  void tellsMushroomsApart() {
    Dataset<Row> train = agaricus("agaricus.txt.train");
    Dataset<Row> test = agaricus("agaricus.txt.test");

    FabricClassificationModel model =
        new FabricClassifier().setMaxIter(5).setNumWorkers(2).setVerbosity(0).fit(train);

    assertThat(accuracy(model, test)).isGreaterThanOrEqualTo(0.999);
  }

  private static Dataset<Row> agaricus(String name) {
    Path file = existing(DATA.resolve("agaricus").resolve(name));
    return spark.read().format("libsvm").option("numFeatures", "127").load(file.toString());
  }

  private static Path existing(Path path) {
    assumeTrue(Files.exists(path), () -> "skipped: there is no " + path);
    return path;
  }

  @Test
  void readsDigitsWithAPerceptron() throws IOException {
    FabricClassifier classifier =
        new FabricClassifier().setNetwork(Network.mlp(512, 256)).setMaxIter(10);

    assertThat(accuracy(onDigits(classifier), digits(TRAIN, 10_000))).isGreaterThanOrEqualTo(0.96);
  }

  @Test
  void readsDigitsWithConvolutions() throws IOException {
    FabricClassifier classifier =
        new FabricClassifier().setNetwork(Network.cnn(28, 28, 1)).setMaxIter(6);

    assertThat(accuracy(onDigits(classifier), digits(TRAIN, 10_000))).isGreaterThanOrEqualTo(0.975);
  }

  private static FabricClassificationModel onDigits(FabricClassifier classifier)
      throws IOException {
    return classifier.setNumWorkers(2).setVerbosity(0).fit(digits(0, TRAIN));
  }

  private static Dataset<Row> digits(int from, int to) throws IOException {
    Path folder = existing(DATA.resolve("mnist"));
    byte[] images = read(folder.resolve("t10k-images-idx3-ubyte.gz"), 16);
    byte[] labels = read(folder.resolve("t10k-labels-idx1-ubyte.gz"), 8);
    List<Row> rows = new ArrayList<>();
    for (int i = from; i < to; i++) {
      double[] pixels = new double[PIXELS];
      for (int j = 0; j < PIXELS; j++) {
        pixels[j] = images[i * PIXELS + j] & 0xFF;
      }
      rows.add(RowFactory.create(Vectors.dense(pixels), (double) labels[i]));
    }
    return spark
        .createDataFrame(
            rows,
            new StructType().add("features", SQLDataTypes.VectorType()).add("label", "double"))
        .repartition(2);
  }

  private static byte[] read(Path file, int header) throws IOException {
    try (InputStream in = new GZIPInputStream(new FileInputStream(file.toFile()))) {
      in.skipNBytes(header);
      return in.readAllBytes();
    }
  }
}

package io.fabric4j.spark.examples;

import io.fabric4j.FabricException;
import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.SparkFabricOptions;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Trains a digit classifier on a Spark cluster: the job to copy. It reads images on the driver,
 * hands them to the ranks as two inputs, and runs {@link DigitTraining} on every rank.
 */
public final class MnistTraining {
  /** Spark warns of larger tasks. */
  private static final int PARTITION_BYTES = 500_000;

  private MnistTraining() {}

  /** Runs the program; {@code --help} lists its options. A failure prints one message, exit 1. */
  public static void main(String[] args) {
    try {
      run(args);
    } catch (IllegalArgumentException | IllegalStateException | IOException | FabricException e) {
      System.err.println("MnistTraining failed: " + e.getMessage());
      System.exit(1);
    }
  }

  private static void run(String[] args) throws IOException {
    MnistOptions options = MnistOptions.parse(args);
    if (options.helpRequested()) {
      System.out.print(MnistOptions.help());
      return;
    }
    ImageSplit images = images(options);
    SparkSession spark = SparkSession.builder().appName("MnistTraining").getOrCreate();
    try {
      train(spark, options, images);
    } finally {
      spark.stop();
    }
  }

  private static ImageSplit images(MnistOptions options) throws IOException {
    return options.data().isPresent()
        ? MnistFolder.read(options.data().get())
        : ImageSplit.of(StrokeDigits.draw(options.samples(), options.seed()));
  }

  private static void train(SparkSession spark, MnistOptions options, ImageSplit images)
      throws IOException {
    String checkpoint = options.checkpoint().orElseGet(() -> defaultCheckpoint(options));
    new HadoopCheckpointIO(spark.sparkContext().hadoopConfiguration()).checkWritable(checkpoint);
    SparkFabric.Builder builder =
        SparkFabric.builder(spark)
            .numWorkers(options.workers())
            .option(SparkFabricOptions.FLUSH_DENORMALS, "true")
            .input("train", rows(spark, images.train(), options), Digit::columns)
            .input("test", rows(spark, images.test(), options), Digit::columns);
    options.run().forEach(builder::option);
    SparkFabric fabric = builder.build();
    System.out.printf(
        Locale.ROOT,
        "Training a %s on %,d images (%s), testing on %,d; %d workers with batches of %d%n",
        name(options),
        images.train().size(),
        options.data().map(Path::toString).orElse("drawn digits"),
        images.test().size(),
        options.workers(),
        options.batchSize());
    if (spark.sparkContext().uiWebUrl().isDefined()) {
      System.out.println("Watch it at " + spark.sparkContext().uiWebUrl().get() + "/fabric/");
    }
    double accuracy =
        fabric.launch(
            new DigitTraining(
                new DigitNetwork(options.model(), images.train().rows(), images.train().cols()),
                options.epochs(),
                options.batchSize(),
                options.lr(),
                options.seed(),
                checkpoint));
    System.out.printf(Locale.ROOT, "Final accuracy: %.2f %%%n", 100 * accuracy);
    System.out.println("Checkpoint: " + checkpoint);
  }

  private static String defaultCheckpoint(MnistOptions options) {
    return Path.of("mnist-" + name(options) + ".safetensors").toUri().toString();
  }

  private static String name(MnistOptions options) {
    return options.model().name().toLowerCase(Locale.ROOT);
  }

  private static JavaRDD<Digit> rows(
      SparkSession spark, LabeledImages images, MnistOptions options) {
    List<Digit> digits = new ArrayList<>(images.size());
    int pixels = images.rows() * images.cols();
    for (int i = 0; i < images.size(); i++) {
      byte[] image = new byte[pixels];
      System.arraycopy(images.pixels(), i * pixels, image, 0, pixels);
      digits.add(new Digit(image, images.labels()[i]));
    }
    int partitions = Math.max(options.workers(), images.pixels().length / PARTITION_BYTES);
    return JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(digits, partitions);
  }
}

package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Accuracy on real images after 10 epochs with 2 workers, median of 3 seeds. */
@Tag("long")
class MnistAccuracyIT {
  private static final Pattern ACCURACY = Pattern.compile("Final accuracy: ([\\d.]+) %");

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "local[2], mlp, 95",
    "local[2], cnn, 97.5",
    "'local-cluster[2,1,2048]', mlp, 95",
    "'local-cluster[2,1,2048]', cnn, 97.5",
    "standalone, mlp, 95",
    "standalone, cnn, 97.5"
  })
  void reaches(String master, String model, double percent) throws Exception {
    Path data = Path.of("../../shared/data/mnist").toAbsolutePath().normalize();
    assumeTrue(Files.isDirectory(data), () -> "skipped: no MNIST files in " + data);
    List<Double> accuracies = new ArrayList<>();
    if (master.equals("standalone")) {
      try (StandaloneCluster cluster = new StandaloneCluster(folder)) {
        train(cluster.master(), model, data, accuracies);
      }
    } else {
      train(master, model, data, accuracies);
    }
    System.out.printf("%s %s: %s %%%n", master, model, accuracies);
    Collections.sort(accuracies);
    assertThat(accuracies.get(1)).isGreaterThanOrEqualTo(percent);
  }

  private void train(String master, String model, Path data, List<Double> accuracies)
      throws Exception {
    for (int seed = 1; seed <= 3; seed++) {
      try (SparkProcess process =
          SparkProcess.submit(
              folder.resolve("submit.log"),
              master,
              List.of("--executor-memory", "1g"),
              List.of(
                  "--data",
                  data.toString(),
                  "--model",
                  model,
                  "--epochs",
                  "10",
                  "--seed",
                  "" + seed,
                  "--checkpoint",
                  folder.resolve("mnist.safetensors").toString()))) {
        assertThat(process.exitCode(600)).as(process.output()).isZero();
        Matcher matcher = ACCURACY.matcher(process.output());
        assertThat(matcher.find()).as(process.output()).isTrue();
        accuracies.add(Double.parseDouble(matcher.group(1)));
      }
    }
  }
}

package io.fabric4j.loggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CSVLoggerTest {
  @TempDir private Path root;

  @Test
  void takesTheNextFreeVersion() throws IOException {
    assertThat(builder().build().version()).isEqualTo("version_0");
    Files.createDirectories(root.resolve("lightning_logs/version_4"));
    Files.createDirectories(root.resolve("lightning_logs/version_x"));
    assertThat(builder().build().logDir())
        .isEqualTo(root.resolve("lightning_logs/version_5").toString());
    assertThat(builder().name("").version("custom").build().logDir())
        .isEqualTo(root.resolve("custom").toString());
  }

  @Test
  void sortsColumnsAndRewritesTheFileForNewOnes() throws IOException {
    try (CSVLogger logger = builder().prefix("run").build()) {
      logger.logMetrics(Map.of("z", 1.5), 0);
      logger.save();
      assertThat(metrics(logger)).isEqualTo("run-z,step\r\n1.5,0\r\n");
      logger.logMetrics(Map.of("a", "x,\"y\"\r\n"), 7);
      logger.save();
      logger.logMetrics(Map.of("a", 2), 8);
      logger.save();
      assertThat(metrics(logger))
          .isEqualTo("run-a,run-z,step\r\n,1.5,0\r\n\"x,\"\"y\"\"\r\n\",,7\r\n2,,8\r\n");
      logger.logMetrics(Map.of("b", "\""), 9);
      logger.save();
      assertThat(metrics(logger))
          .isEqualTo(
              "run-a,run-b,run-z,step\r\n,,1.5,0\r\n\"x,\"\"y\"\"\r\n\",,,7\r\n2,,,8\r\n"
                  + ",\"\"\"\",,9\r\n");
      assertThat(Path.of(logger.logDir())).isDirectoryNotContaining("glob:**.tmp");
    }
  }

  @Test
  void writesWhenTheStepIsDueAndCountsStepsOn() throws IOException {
    CSVLogger logger = builder().flushLogsEveryNSteps(2).build();
    logger.logMetrics(Map.of("a", 1));
    assertThat(Path.of(logger.logDir(), "metrics.csv")).doesNotExist();
    logger.logMetrics(Map.of("a", 2));
    awaitFile(Path.of(logger.logDir(), "metrics.csv"));
    logger.save();
    assertThat(metrics(logger)).isEqualTo("a,step\r\n1,0\r\n2,1\r\n");
    logger.logMetrics(Map.of("a", 3));
    logger.close();
    assertThat(metrics(logger)).endsWith("3,2\r\n");
  }

  @Test
  void replacesTheMetricsOfAReusedVersion() throws IOException {
    Path directory = Files.createDirectories(root.resolve("lightning_logs/version_1"));
    Files.writeString(directory.resolve("metrics.csv"), "old");
    try (CSVLogger logger = builder().version(1).build()) {
      logger.logMetrics(Map.of("a", 1), 0);
    }
    assertThat(directory.resolve("metrics.csv")).hasContent("a,step\n1,0");
  }

  @Test
  void keepsTheMetricsOfAResumedVersion() throws IOException {
    for (Map<String, Integer> metrics : List.of(Map.of("a", 1), Map.of("b", 2))) {
      try (CSVLogger logger = builder().version("run").appending().build()) {
        logger.logMetrics(metrics, metrics.values().iterator().next());
      }
    }
    assertThat(root.resolve("lightning_logs/run/metrics.csv")).hasContent("a,b,step\n1,,1\n,2,2");
  }

  @Test
  void writesAsTimePasses() throws IOException {
    try (CSVLogger logger = builder().flushEvery(Duration.ofMillis(10)).build()) {
      logger.logMetrics(Map.of("a", 1), 7);
      awaitFile(Path.of(logger.logDir(), "metrics.csv"));
    }
  }

  private static void awaitFile(Path file) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as("%s is there in time", file).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void goesOnWhereItCannotWrite() throws IOException {
    Path file = Files.createFile(root.resolve("file"));
    try (CSVLogger logger = CSVLogger.builder(file.toString()).version(1).build()) {
      logger.logMetrics(Map.of("a", 1), 0);
      logger.save();
    }
    assertThat(file).isEmptyFile();
  }

  @Test
  void saysWhoReachesOtherStorage() {
    assertThatThrownBy(() -> CSVLogger.builder("hdfs://host/logs").build().version())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessage(
            "Cannot look for the log directory: Cannot log to hdfs://host/logs/lightning_logs:"
                + " without Spark loggers write to plain paths and file: URIs. Pass the logger to"
                + " SparkFabric.builder(spark).loggers(...), which reaches Hadoop's file systems.");
  }

  @Test
  void createsNothingIfNothingIsLogged() {
    builder().build().close();
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void rejectsHyperparametersAndFlushIntervals() {
    assertThatThrownBy(() -> builder().build().logHyperparams(Map.of()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage(
            "The CSVLogger does not support logging hyperparameters: a table of metrics has no"
                + " place for them. Use a TensorBoardLogger.");
    assertThatThrownBy(() -> builder().flushLogsEveryNSteps(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("flushLogsEveryNSteps is 0. Rows are written every 1 or more steps.");
    assertThatThrownBy(() -> builder().flushEvery(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The flush interval is PT0S. Use a duration above zero.");
  }

  private CSVLogger.Builder builder() {
    return CSVLogger.builder(root.toString());
  }

  private static String metrics(CSVLogger logger) throws IOException {
    return Files.readString(Path.of(logger.logDir(), "metrics.csv"));
  }
}

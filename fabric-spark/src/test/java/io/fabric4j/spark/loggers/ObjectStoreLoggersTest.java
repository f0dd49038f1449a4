package io.fabric4j.spark.loggers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.loggers.CSVLogger;
import io.fabric4j.loggers.LogStorage;
import io.fabric4j.loggers.TensorBoardLogger;
import io.fabric4j.spark.checkpoint.ObjectStoreFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where files appear when they are closed, and cannot be appended to. */
class ObjectStoreLoggersTest {
  @TempDir private Path root;
  private final LogStorage storage = new HadoopLogStorage(ObjectStoreFileSystem.configuration());

  private TensorBoardLogger tensorBoard(String folder) {
    TensorBoardLogger logger =
        TensorBoardLogger.builder("plainstore://" + root.resolve(folder))
            .flushEvery(Duration.ofHours(1))
            .build();
    logger.useStorage(storage);
    return logger;
  }

  private List<Path> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(folder))) {
      return files.sorted().toList();
    }
  }

  @Test
  void eachFlushIsACompleteEventFile() throws IOException {
    try (TensorBoardLogger logger = tensorBoard("tb")) {
      logger.logMetrics(Map.of("loss", 3), 1);
      logger.save();
      logger.logMetrics(Map.of("loss", 2), 2);
      logger.save();
      assertThat(logger.version()).isEqualTo("version_0");
      logger.logMetrics(Map.of("loss", 1), 3);
    }
    List<String> scalars = new ArrayList<>();
    for (Path file : files("tb/lightning_logs/version_0")) {
      scalars.addAll(TensorFlowEvents.scalars(Files.readAllBytes(file)));
    }
    assertThat(scalars).containsExactly("loss@1=3.0", "loss@2=2.0", "loss@3=1.0");
    assertThat(files("tb/lightning_logs/version_0")).hasSize(3);
    assertThat(tensorBoard("tb").version()).isEqualTo("version_1");
  }

  @Test
  void tableIsReplacedAsAWhole() throws IOException {
    for (int attempt = 0; attempt < 2; attempt++) {
      CSVLogger logger =
          CSVLogger.builder("plainstore://" + root).version("run").appending().build();
      logger.useStorage(storage);
      logger.logMetrics(Map.of("loss", 2.5), 1);
      logger.save();
      logger.logMetrics(Map.of("accuracy", 0.5), 2);
      logger.close();
    }
    assertThat(files("lightning_logs/run")).hasSize(1);
    assertThat(root.resolve("lightning_logs/run/metrics.csv"))
        .hasContent("accuracy,loss,step\n,2.5,1\n0.5,,2\n,2.5,1\n0.5,,2");
  }

  @Test
  void refusedUploadsEndNothing() {
    try (TensorBoardLogger logger = tensorBoard("refused")) {
      logger.logMetrics(Map.of("loss", 3), 1);
      logger.save();
      logger.logMetrics(Map.of("loss", 3), 2);
    }
    assertThat(root.resolve("refused")).doesNotExist();
  }
}

package io.fabric4j.spark.loggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.loggers.TensorBoardLogger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.framework.Summary;
import org.tensorflow.util.Event;

/** TensorFlow, which wrote the format, reads what this project's logger writes. */
class TensorFlowReaderTest {
  @TempDir private Path root;

  private TensorBoardLogger logger() {
    return TensorBoardLogger.builder(root.toString()).version("run").build();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(root.resolve("lightning_logs/run"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void readsEveryEvent() throws IOException {
    double before = System.currentTimeMillis() / 1000.0;
    try (TensorBoardLogger logger = logger()) {
      for (int step = 0; step < 1000; step++) {
        logger.logMetrics(
            new TreeMap<>(Map.of("loss", 1.0 / (step + 1), "näme ☃", step)), step * 1_000_000_007L);
      }
      logger.logHyperparams(Map.of("rate", 0.5, "name", "mlp", "nested", Map.of("deep", true)));
      logger.logMetrics(Map.of("odd", Double.NaN, "more", Float.POSITIVE_INFINITY), -1);
    }
    assertThat(files()).hasSize(1);
    List<Event> events = TensorFlowEvents.read(Files.readAllBytes(files().get(0)));
    assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
    for (int step = 0; step < 1000; step++) {
      assertScalar(events.get(1 + 2 * step), "loss", 1f / (step + 1), step * 1_000_000_007L);
      assertScalar(events.get(2 + 2 * step), "näme ☃", step, step * 1_000_000_007L);
    }
    assertThat(events.subList(2001, 2005).stream().map(event -> event.getSummary().getValue(0)))
        .extracting(Summary.Value::getTag)
        .containsExactly(
            "hp_metric",
            "_hparams_/experiment",
            "_hparams_/session_start_info",
            "_hparams_/session_end_info");
    assertThat(events.get(2002).getSummary().getValue(0).getMetadata().getPluginData())
        .satisfies(plugin -> assertThat(plugin.getPluginName()).isEqualTo("hparams"));
    assertThat(events).hasSize(2007);
    assertThat(events)
        .allSatisfy(
            event ->
                assertThat(event.getWallTime())
                    .isBetween(before, System.currentTimeMillis() / 1000.0));
  }

  private static void assertScalar(Event event, String tag, float value, long step) {
    assertThat(event.getStep()).isEqualTo(step);
    assertThat(event.getSummary().getValueCount()).isEqualTo(1);
    assertThat(event.getSummary().getValue(0).getTag()).isEqualTo(tag);
    assertThat(event.getSummary().getValue(0).getSimpleValue()).isEqualTo(value);
  }

  @Test
  void readsWhileTheTrainingRunsAndAfterItWasResumed() throws IOException {
    TensorBoardLogger first = logger();
    first.logMetrics(Map.of("loss", 2), 1);
    first.save();
    assertThat(TensorFlowEvents.scalars(Files.readAllBytes(files().get(0))))
        .containsExactly("loss@1=2.0");
    first.logMetrics(Map.of("loss", 1), 2);
    first.save();
    assertThat(TensorFlowEvents.scalars(Files.readAllBytes(files().get(0))))
        .containsExactly("loss@1=2.0", "loss@2=1.0");
    try (TensorBoardLogger second = logger()) {
      second.logMetrics(Map.of("loss", 0.5), 3);
    }
    assertThat(files()).hasSize(2);
    first.close();
  }

  @Test
  void noticesABrokenByte() throws IOException {
    try (TensorBoardLogger logger = logger()) {
      logger.logMetrics(Map.of("loss", 2), 1);
    }
    byte[] file = Files.readAllBytes(files().get(0));
    file[file.length - 6] ^= 1;
    assertThatThrownBy(() -> TensorFlowEvents.read(file))
        .hasMessageStartingWith("Data crc32 checking failed");
  }
}

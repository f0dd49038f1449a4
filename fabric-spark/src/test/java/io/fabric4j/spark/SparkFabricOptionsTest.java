package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fabric4j.RunOptions;
import io.fabric4j.precision.Precision;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SparkFabricOptionsTest {

  @Test
  void hasDefaults() {
    SparkFabricOptions options = SparkFabricOptions.of(Map.of("spark.app.name", "any"));

    assertThat(options.numWorkers()).isZero();
    assertThat(options.fabric().strategy()).isNull();
    assertThat(options.fabric().precision()).isEqualTo(Precision.of("32-true"));
    assertThat(options.fabric().kernels().threads()).isZero();
    assertThat(options.startTimeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(options.executorTimeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(options.connectTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(options.callTimeout()).isEqualTo(Duration.ofMinutes(10));
    assertThat(options.peerTimeout()).isEqualTo(Duration.ofSeconds(60));
    assertThat(options.firstPort()).isZero();
    assertThat(options.lastPort()).isZero();
    assertThat(options.bindAddress()).isEmpty();
    assertThat(options.allowClearText()).isFalse();
    assertThat(options.data()).isEqualTo(new DataOptions(1L << 30, HandleInvalid.ERROR));
  }

  @Test
  void readsValues() {
    SparkFabricOptions options =
        SparkFabricOptions.of(
            Map.of(
                SparkFabricOptions.NUM_WORKERS, "3",
                SparkFabricOptions.THREADS, "2",
                SparkFabricOptions.START_TIMEOUT, "90s",
                SparkFabricOptions.PEER_TIMEOUT, "2min",
                SparkFabricOptions.PORT_RANGE, "40000-40100",
                SparkFabricOptions.BIND_ADDRESS, "0.0.0.0",
                SparkFabricOptions.ALLOW_CLEAR_TEXT, "true",
                SparkFabricOptions.MEMORY_BUDGET, "512m",
                SparkFabricOptions.HANDLE_INVALID, "skip"));

    assertThat(options.numWorkers()).isEqualTo(3);
    assertThat(options.fabric().kernels().threads()).isEqualTo(2);
    assertThat(options.startTimeout()).isEqualTo(Duration.ofSeconds(90));
    assertThat(options.peerTimeout()).isEqualTo(Duration.ofMinutes(2));
    assertThat(options.firstPort()).isEqualTo(40000);
    assertThat(options.lastPort()).isEqualTo(40100);
    assertThat(options.bindAddress()).isEqualTo("0.0.0.0");
    assertThat(options.allowClearText()).isTrue();
    assertThat(options.data()).isEqualTo(new DataOptions(512L << 20, HandleInvalid.SKIP));
  }

  @Test
  void readsARun() {
    SparkFabricOptions options =
        SparkFabricOptions.of(
            Map.of(
                SparkFabricOptions.CHECKPOINT_DIR, "hdfs:///runs",
                SparkFabricOptions.RUN_ID, "mnist-7",
                SparkFabricOptions.CHECKPOINT_INTERVAL, "500",
                SparkFabricOptions.KEEP_LAST, "2",
                SparkFabricOptions.KEEP_BEST, "1",
                SparkFabricOptions.BEST_METRIC, "loss",
                SparkFabricOptions.BEST_MODE, "min",
                SparkFabricOptions.EXACT_RESUME, "require",
                SparkFabricOptions.OWNER_TIMEOUT, "5min"));

    assertThat(options.fabric().run())
        .isEqualTo(
            RunOptions.of("hdfs:///runs", "mnist-7")
                .everySteps(500)
                .keepLast(2)
                .keepBest(1, "loss", "min")
                .exactResume("require")
                .ownerTimeout(Duration.ofMinutes(5)));
    assertThat(SparkFabricOptions.of(Map.of()).fabric().run()).isNull();
    assertThat(
            SparkFabricOptions.of(Map.of(SparkFabricOptions.CHECKPOINT_DIR, "/runs"))
                .fabric()
                .run()
                .id())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          run-id         | a   |      | spark.fabric.run-id is 'a', but no checkpoints are written.\
           Set spark.fabric.checkpoint-dir.
          run-id         | ../a| /r   | The run id is '../a', but it names a folder. Use up to 200\
           letters, digits, dots, dashes and underscores, the first a letter or digit.
          keep-last      | 0   | /r   | keepLast is 0, but the newest checkpoint has to stay. Use 1 or\
           more.
          keep-best      | 1   | /r   | keepBest is 1 of the metric ''. Use 0 or more, and name a metric.
          best-mode      | top | /r   | The mode of the metric '' is 'top'. Use max or min.
          exact-resume   | yes | /r   | exactResume is 'yes'. Use warn or require.
          """)
  void rejectsRunsThatCannotWork(String name, String value, String directory, String message) {
    Map<String, String> values = new HashMap<>(Map.of(SparkFabricOptions.PREFIX + name, value));
    if (directory != null) {
      values.put(SparkFabricOptions.CHECKPOINT_DIR, directory);
    }

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkFabricOptions.of(values))
        .withMessage(message);
  }

  @Test
  void takesOnePortAsARange() {
    SparkFabricOptions options =
        SparkFabricOptions.of(Map.of(SparkFabricOptions.PORT_RANGE, "40000"));

    assertThat(options.firstPort()).isEqualTo(40000);
    assertThat(options.lastPort()).isEqualTo(40000);
  }

  @Test
  void rejectsAnUnknownName() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkFabricOptions.of(Map.of("spark.fabric.start_timeout", "1s")))
        .withMessageStartingWith(
            "Unknown setting spark.fabric.start_timeout. Known are [spark.fabric.accelerator,");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          spark.fabric.num-workers      | -1      | a whole number from 0
          spark.fabric.threads          | two     | a whole number from 0
          spark.fabric.start-timeout    | soon    | a duration such as 30s or 10min
          spark.fabric.call-timeout     | 0s      | a duration above zero
          spark.fabric.port-range       | 9-1     | 0 or a range within 1-65535 such as 40000-40100
          spark.fabric.port-range       | 0-10    | 0 or a range within 1-65535 such as 40000-40100
          spark.fabric.port-range       | 1-70000 | 0 or a range within 1-65535 such as 40000-40100
          spark.fabric.allow-clear-text | yes     | true or false
          spark.fabric.progress         | no      | auto or bar or lines or off
          spark.fabric.progress-interval | 0s     | a duration above zero
          spark.fabric.data.memory-budget  | much | a size such as 512m or 2g
          spark.fabric.data.handle-invalid | drop | error, skip or keep
          """)
  void rejectsInvalidValues(String name, String value, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkFabricOptions.of(Map.of(name, value)))
        .withMessage(name + " is '" + value + "'. Use " + expected + ".");
  }
}

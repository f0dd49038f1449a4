package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("long")
class IngestionSpeedIT extends SparkTest {

  @Test
  void readsRowsNearlyAsFastAsSparkItself(@TempDir Path folder) {
    // By the processors' time, which other processes do not lengthen.
    assertThat(IngestionSpeed.run(spark, 1_000_000, folder).processorRatio()).isGreaterThan(0.6);
  }
}

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
    assertThat(IngestionSpeed.run(spark, folder)).isGreaterThan(0.6);
  }
}

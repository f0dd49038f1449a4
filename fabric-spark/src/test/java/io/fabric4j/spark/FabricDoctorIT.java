package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.spark.examples.SparkProcess;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The doctor as spark-submit runs it. */
@Timeout(180)
class FabricDoctorIT {
  @TempDir private Path folder;

  private String output(int exitCode, String... arguments) throws Exception {
    try (SparkProcess process =
        SparkProcess.submit(
            folder.resolve("log"), FabricDoctor.class, "local[2]", List.of(), List.of(arguments))) {
      int code = process.exitCode(120);
      assertThat(code).as(process.output()).isEqualTo(exitCode);
      return process.output();
    }
  }

  @Test
  void exitsWithZeroWhereTrainingCanStart() throws Exception {
    assertThat(output(0, "--workers", "2", "--checkpoints", folder.resolve("runs").toString()))
        .contains("Fabric doctor: local[2], 2 ranks")
        .endsWith("Healthy: training can start.\n");
  }

  @Test
  void exitsWithOneWhereItCannot() throws Exception {
    assertThat(output(1, "--workers", "3"))
        .contains("-> Set numWorkers to 2 or fewer, or start Spark with master local[3].")
        .endsWith("Not healthy: 1 check failed.\n");
  }

  @Test
  void exitsWithTwoIfItIsAskedWrongly() throws Exception {
    assertThat(output(2, "--workers", "0"))
        .contains("--workers is '0'. Give it a number from 1, such as 2, 25M or 1.5B.");
  }
}

package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The example as users run it: through spark-submit. */
class MnistTrainingIT {
  private static final int LIMIT_SECONDS = 180;

  @TempDir private Path folder;

  @Test
  void trainsOnLocalThreads() throws Exception {
    Path checkpoint = folder.resolve("run/mnist.safetensors");
    SparkProcess process =
        submit(
            "local[2]",
            List.of(),
            "--epochs",
            "2",
            "--samples",
            "4000",
            "--checkpoint",
            checkpoint.toString());
    assertThat(process.exitCode(LIMIT_SECONDS)).as(process.output()).isZero();
    assertThat(process.output())
        .containsPattern(
            "epoch  1  loss 0\\.\\d{4}  accuracy \\d\\d\\.\\d\\d %  +[\\d,]+ samples/s")
        .containsPattern("epoch  2 ")
        .containsPattern("Final accuracy: 9\\d\\.\\d\\d %")
        .contains("Checkpoint: " + checkpoint);
    assertThat(checkpoint).isNotEmptyFile();
  }

  @Test
  void trainsOnExecutorProcesses() throws Exception {
    Path checkpoint = folder.resolve("cluster.safetensors");
    SparkProcess process =
        submit(
            "local-cluster[2,1,2048]",
            List.of("--conf", "spark.executor.memory=1g"),
            "--epochs",
            "2",
            "--samples",
            "4000",
            "--checkpoint",
            "file:" + checkpoint);
    assertThat(process.exitCode(LIMIT_SECONDS)).as(process.output()).isZero();
    assertThat(process.output().lines().filter(line -> line.startsWith("epoch "))).hasSize(2);
    assertThat(process.output()).containsPattern("Final accuracy: 9\\d\\.\\d\\d %");
    assertThat(checkpoint).isNotEmptyFile();
  }

  @Test
  void trainsOnAStandaloneCluster() throws Exception {
    try (StandaloneCluster cluster = new StandaloneCluster(folder)) {
      SparkProcess process =
          submit(
              cluster.master(),
              List.of("--executor-memory", "1g"),
              "--epochs",
              "2",
              "--samples",
              "4000",
              "--checkpoint",
              folder.resolve("standalone.safetensors").toString());
      assertThat(process.exitCode(LIMIT_SECONDS)).as(process.output()).isZero();
      assertThat(process.output()).containsPattern("Final accuracy: 9\\d\\.\\d\\d %");
    }
  }

  static Stream<Arguments> badInput() {
    return Stream.of(
        bad("Unknown option --epoch. Did you mean --epochs?", List.of(), "--epoch", "3"),
        bad("--batch-size cannot be 0.", List.of(), "--batch-size", "0"),
        bad("no/such/folder", List.of(), "--data", "no/such/folder"),
        bad(
            "Cannot launch 5 ranks: 2 task slots are available",
            List.of(),
            "--workers",
            "5",
            "--samples",
            "100"),
        bad(
            "Cannot launch: spark.dynamicAllocation.enabled is true",
            List.of(
                "--master",
                "local-cluster[1,1,1024]",
                "--conf",
                "spark.dynamicAllocation.enabled=true"),
            "--samples",
            "100"),
        bad("/proc/version", List.of(), "--checkpoint", "/proc/version/ck", "--samples", "100"));
  }

  private static Arguments bad(String message, List<String> options, String... arguments) {
    return Arguments.of(message, options, arguments);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badInput")
  void saysWhatIsWrong(String message, List<String> options, String[] arguments) throws Exception {
    SparkProcess process = submit("local[2]", options, arguments);
    assertThat(process.exitCode(60)).as(process.output()).isEqualTo(1);
    assertThat(process.output()).contains("MnistTraining failed: ").contains(message);
    assertThat(process.output()).doesNotContain("\tat io.fabric4j");
  }

  @Test
  void saysWhichDataFileIsBroken() throws Exception {
    Files.write(folder.resolve("t10k-images-idx3-ubyte"), new byte[] {0, 0, 8, 9, 0, 0, 0, 0});
    Files.write(folder.resolve("t10k-labels-idx1-ubyte"), new byte[] {0, 0, 8, 1, 0, 0, 0, 0});
    SparkProcess process = submit("local[2]", List.of(), "--data", folder.toString());
    assertThat(process.exitCode(60)).isEqualTo(1);
    assertThat(process.output())
        .contains("MnistTraining failed: ", "t10k-images-idx3-ubyte", "0x00000809");
  }

  private SparkProcess submit(String master, List<String> options, String... arguments)
      throws IOException {
    return SparkProcess.submit(folder.resolve("submit.log"), master, options, List.of(arguments));
  }
}

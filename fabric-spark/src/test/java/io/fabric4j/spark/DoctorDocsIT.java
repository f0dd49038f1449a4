package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Compares the outputs in docs/doctor.md with those of the doctor; {@code -Dfabric.docs.write=true}
 * replaces them instead.
 */
@Timeout(180)
class DoctorDocsIT {
  private static final Path PAGE = Path.of("..", "docs", "doctor.md");
  private static final Path FOLDER = Path.of("/tmp/fabric-doctor");

  private SparkSession spark;

  private void start(String... settings) {
    SparkSession.Builder builder =
        SparkSession.builder()
            .master("local-cluster[2,1,1024]")
            .config(
                "spark.executor.extraClassPath",
                System.getProperty("fabric.all.jar")
                    + File.pathSeparator
                    + new File("target/test-classes").getAbsolutePath())
            .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .config("spark.ui.enabled", "false");
    for (int i = 0; i < settings.length; i += 2) {
      builder.config(settings[i], settings[i + 1]);
    }
    spark = builder.getOrCreate();
  }

  @AfterEach
  void stop() throws IOException {
    spark.stop();
    Files.deleteIfExists(FOLDER.resolve("file"));
    Files.deleteIfExists(FOLDER.resolve("runs"));
    Files.deleteIfExists(FOLDER);
  }

  @Test
  void showsOneHealthyAndFourUnfitClusters() throws IOException {
    start(SparkFabricOptions.EXECUTOR_TIMEOUT, "60s");
    Files.createDirectories(FOLDER);
    Files.writeString(FOLDER.resolve("file"), "not a folder");

    check("healthy", true, doctor -> doctor.parameters(5_000_000).checkpoints(FOLDER + "/runs"));
    check(
        "slots",
        false,
        doctor -> doctor.numWorkers(8).option(SparkFabricOptions.EXECUTOR_TIMEOUT, "1s"));
    check("memory", false, doctor -> doctor.parameters(70_000_000_000L));
    check("checkpoints", false, doctor -> doctor.checkpoints(FOLDER + "/file/runs"));
  }

  @Test
  void showsAClusterOfChangingSize() throws IOException {
    start("spark.dynamicAllocation.enabled", "true", SparkFabricOptions.EXECUTOR_TIMEOUT, "2s");

    check("dynamic-allocation", false, doctor -> doctor);
  }

  private void check(String name, boolean healthy, UnaryOperator<FabricDoctor.Builder> settings)
      throws IOException {
    Diagnosis diagnosis =
        settings.apply(FabricDoctor.builder(spark).numWorkers(2)).build().examine();
    String page = Files.readString(PAGE);
    Matcher block =
        Pattern.compile("(<!-- doctor: " + name + " -->\n```\n)(.*?)(```\n)", Pattern.DOTALL)
            .matcher(page);
    assertThat(block.find()).as(name).isTrue();
    String printed = diagnosis + "\n";

    if (Boolean.getBoolean("fabric.docs.write")) {
      Files.writeString(
          PAGE, page.substring(0, block.end(1)) + printed + page.substring(block.start(3)));
    } else {
      assertThat(stable(printed)).as(name).isEqualTo(stable(block.group(2)));
    }
    assertThat(diagnosis.isHealthy()).as(printed).isEqualTo(healthy);
  }

  /** Leaves out what differs between runs and hosts, and how it moves words to other lines. */
  private static String stable(String text) {
    return text.replaceAll("(Java|DJL|PyTorch|bindings) [\\w.+-]+", "$1 VERSION")
        .replaceAll("(?<=\\d: )[\\d.]+|[\\d.]+(?= GB/s)", "SPEED")
        .replaceAll("\\.fabric-[\\w-]+\\.tmp", "FILE")
        .replaceAll("user '\\w+'", "USER")
        .replaceAll("127\\.0\\.0\\.1|localhost", "HOST") // a session on local[n] changes the name
        .replaceAll(
            "[\\d.]+ [KMGT]iB(?= available| free|\\s+(none|[\\d.]+ [KMGT]iB)\\s+\\d: )", "ROOM")
        .replaceAll("ROOM\\s+(none|[\\d.]+ [KMGT]iB)", "ROOM ROOM")
        .replaceAll("\\s+", " ");
  }
}

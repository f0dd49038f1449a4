package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainings on a local cluster whose executors or driver are killed end with the same bits as one
 * that nobody disturbed.
 */
@Timeout(1800)
class MnistRecoveryIT {
  private static final int LIMIT_SECONDS = 240;

  @TempDir private Path folder;
  private List<String> data = List.of("--samples", "6000", "--epochs", "4");
  private long steps = 4 * 38;

  private RunFiles run(String id) {
    return new RunFiles(folder.resolve(id));
  }

  private SparkProcess submit(String id) throws IOException {
    List<String> arguments = new ArrayList<>(data);
    arguments.addAll(List.of("--checkpoint", folder.resolve(id + ".safetensors").toString()));
    arguments.addAll(List.of("--run-dir", "file:" + folder, "--run-id", id));
    arguments.addAll(List.of("--save-every", "10"));
    return SparkProcess.submit(
        folder.resolve(id + ".log"),
        "local-cluster[2,1,2048]",
        List.of(
            "--conf",
            "spark.executor.memory=1g",
            "--conf",
            "spark.fabric.owner-timeout=6s",
            "--conf",
            "spark.fabric.executor-timeout=60s"),
        arguments);
  }

  /** Returns the seconds until the end. */
  private double finish(SparkProcess process, long start) throws Exception {
    assertThat(process.exitCode(LIMIT_SECONDS)).as(process.output()).isZero();
    return (System.nanoTime() - start) / 1e9;
  }

  private double undisturbed(String id) throws Exception {
    long start = System.nanoTime();
    try (SparkProcess process = submit(id)) {
      return finish(process, start);
    }
  }

  /** Kills executors, each at a random time, and returns the seconds until the end. */
  private double disturbed(String id, Random random, int kills) throws Exception {
    long start = System.nanoTime();
    try (SparkProcess process = submit(id)) {
      for (int kill = 0; kill < kills; kill++) {
        run(id).awaitStep(steps * kill / kills + random.nextLong(steps / kills * 3 / 4), process);
        Thread.sleep(random.nextInt(400));
        killExecutor(process, random);
      }
      double seconds = finish(process, start);
      assertThat(process.executors()).isEmpty();
      return seconds;
    }
  }

  private static void killExecutor(SparkProcess process, Random random) throws Exception {
    List<ProcessHandle> executors = process.executors();
    ProcessHandle victim = executors.get(random.nextInt(executors.size()));
    victim.destroyForcibly();
    victim.onExit().get(30, TimeUnit.SECONDS);
  }

  private void assertSame(String id, Map<String, ByteBuffer> expected) throws IOException {
    assertThat(run(id).tensors()).as(id).isEqualTo(expected);
    assertThat(run(id).names())
        .as(id)
        .hasSize(5)
        .allMatch(name -> name.matches("_finished|_owner|step-\\d+\\.a\\d+\\.safetensors"));
  }

  private static Set<Path> sharedMemory() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
      return files
          .filter(file -> file.getFileName().toString().contains("fabric"))
          .collect(Collectors.toSet());
    }
  }

  /** An executor is killed, then the driver, and the application is submitted again. */
  @Test
  void survivesTheKillOfAnExecutorAndOfTheDriver() throws Exception {
    undisturbed("whole");
    Random random = new Random(1);
    List<ProcessHandle> executors;
    try (SparkProcess process = submit("killed")) {
      run("killed").awaitStep(random.nextLong(steps / 4), process);
      killExecutor(process, random);
      run("killed").awaitStep(steps / 2 + random.nextLong(steps / 4), process);
      executors = process.executors();
      process.kill();
    }
    assertThat(executors).hasSize(2);
    try (SparkProcess process = submit("killed")) {
      finish(process, System.nanoTime());
      assertThat(process.output()).contains("Resumed after step ");
    }
    assertSame("killed", run("whole").tensors());
    for (ProcessHandle executor : executors) {
      executor.onExit().get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  @Tag("long")
  void survivesTenKills() throws Exception {
    survivesKills(0, 10);
  }

  @Test
  @Tag("long")
  void survivesTenMoreKills() throws Exception {
    survivesKills(10, 20);
  }

  private void survivesKills(int firstSeed, int endSeed) throws Exception {
    useMnist();
    Set<Path> before = sharedMemory();
    double whole = Math.min(undisturbed("whole"), undisturbed("again"));
    Map<String, ByteBuffer> expected = run("whole").tensors();
    assertSame("again", expected);
    double[] lost = new double[endSeed - firstSeed];
    for (int seed = firstSeed; seed < endSeed; seed++) {
      String id = "kill-" + seed;
      lost[seed - firstSeed] = disturbed(id, new Random(seed), 1) - whole;
      assertSame(id, expected);
    }
    System.out.printf("An undisturbed run takes %.1f s; lost: %s%n", whole, Arrays.toString(lost));
    Arrays.sort(lost);
    System.out.printf("Median time lost per kill: %.1f s%n", lost[lost.length / 2]);
    assertThat(before).containsAll(sharedMemory()); // what others have there may go meanwhile
  }

  @Test
  @Tag("long")
  void survivesThreeKillsInOneRun() throws Exception {
    useMnist();
    double whole = undisturbed("whole");
    double lost = disturbed("killed", new Random(100), 3) - whole;
    assertSame("killed", run("whole").tensors());
    System.out.printf("Three kills cost %.1f s of a run of %.1f s%n", lost, whole);
  }

  private void useMnist() {
    Path mnist = Path.of("../../shared/data/mnist").toAbsolutePath().normalize();
    assumeTrue(Files.isDirectory(mnist), () -> "skipped: no MNIST files in " + mnist);
    data = List.of("--data", mnist.toString(), "--epochs", "5");
    steps = 5 * 62;
  }
}

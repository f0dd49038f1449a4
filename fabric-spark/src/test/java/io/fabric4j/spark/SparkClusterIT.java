package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.Fabric;
import io.fabric4j.FabricException;
import io.fabric4j.spark.progress.MetricPoint;
import io.fabric4j.spark.progress.TrainingHistory;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.SparkSession;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two executors in processes of their own. */
@Timeout(120)
class SparkClusterIT {
  private static SparkSession spark;

  @TempDir private Path folder;

  @BeforeAll
  static void startSpark() {
    spark = cluster(2).getOrCreate();
  }

  /** Returns a session with executors of one core each, in processes of their own. */
  static SparkSession.Builder cluster(int executors) {
    String testClasses = new File("target/test-classes").getAbsolutePath();
    return SparkSession.builder()
        .master("local-cluster[" + executors + ",1,1024]")
        .config(
            "spark.executor.extraClassPath",
            System.getProperty("fabric.all.jar") + File.pathSeparator + testClasses)
        .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        .config("spark.executor.heartbeatInterval", "1s")
        .config(SparkFabricOptions.EXECUTOR_TIMEOUT, "60s")
        .config("spark.ui.enabled", "false");
  }

  @AfterAll
  static void stopSparkAndFindNoProcessLeft() {
    List<ProcessHandle> executors = ProcessHandle.current().descendants().toList();
    spark.stop();
    assertThat(executors).isNotEmpty();
    assertThat(executors)
        .allSatisfy(executor -> executor.onExit().orTimeout(20, TimeUnit.SECONDS).join());
  }

  @Test
  void runsRanksInProcessesOfTheirOwn() {
    List<Long> pids = new ArrayList<>(SparkFabric.launch(spark, 2, SparkClusterIT::pids));

    assertThat(pids).doesNotHaveDuplicates().doesNotContain(ProcessHandle.current().pid());
  }

  private static ArrayList<Long> pids(Fabric fabric) {
    return new ArrayList<>(fabric.processGroup().allGatherObject(ProcessHandle.current().pid()));
  }

  @Test
  void givesEachRankItsRows() {
    List<Long> rows =
        SparkFabric.builder(spark)
            .numWorkers(2)
            .input("train", spark.range(1001).selectExpr("id", "float(id) as x"))
            .build()
            .launch(
                (fabric, shards) ->
                    new ArrayList<>(
                        fabric.processGroup().allGatherObject(shards.get("train").rows())));

    assertThat(rows.get(0) + rows.get(1)).isEqualTo(1001);
    assertThat(rows).allSatisfy(count -> assertThat(count).isBetween(495L, 506L));
  }

  @Test
  void printsOnTheDriverWhileRanksRun() throws IOException {
    Path go = folder.resolve("go");
    String goFile = go.toString();
    CompletableFuture<Void> launch = new CompletableFuture<>();
    List<String> printed =
        capture(
            out -> {
              Thread caller =
                  new Thread(
                      () -> {
                        SparkFabric.launch(spark, 2, fabric -> printAndWait(fabric, goFile));
                        launch.complete(null);
                      });
              caller.start();
              await(() -> out.toString(StandardCharsets.UTF_8).contains("second"));
              assertThat(launch).isNotDone();
              Files.createFile(go);
              launch.join();
            });

    assertThat(printed).containsExactly("first", "second", "last");
  }

  private static Object printAndWait(Fabric fabric, String goFile) throws Exception {
    fabric.print("first");
    fabric.print("second");
    awaitFile(fabric, goFile);
    fabric.print("last");
    return null;
  }

  /** Rank 0 looks, so that all ranks end their waiting together. */
  private static void awaitFile(Fabric fabric, String file) throws InterruptedException {
    while (!fabric.broadcast(Files.exists(Path.of(file)))) {
      Thread.sleep(10);
    }
  }

  @Test
  void bringsMetricsToTheDriverWhileRanksRun() throws IOException {
    Path go = folder.resolve("go");
    String goFile = go.toString();
    SparkFabric fabric = SparkFabric.builder(spark).numWorkers(2).build();
    CompletableFuture<Object> launch =
        CompletableFuture.supplyAsync(() -> fabric.launch(rank -> logAndWait(rank, goFile)));

    await(() -> fabric.history().stream().anyMatch(history -> !history.metrics().isEmpty()));
    assertThat(launch).isNotDone();
    TrainingHistory running = fabric.history().orElseThrow();
    Files.createFile(go);
    launch.join();

    assertThat(running.state()).isEqualTo(TrainingHistory.State.RUNNING);
    assertThat(running.hosts()).containsOnlyKeys(0, 1);
    // A session on local[n] changes the name that later ones of this process give their host.
    assertThat(running.hosts().values()).isSubsetOf("127.0.0.1", "localhost");
    assertThat(running.metrics())
        .singleElement()
        .satisfies(point -> assertThat(point.values()).isEqualTo(Map.of("loss", 0.5)));
    assertThat(fabric.history().orElseThrow().metrics())
        .extracting(MetricPoint::step)
        .containsExactly(7L, 8L);
  }

  private static Object logAndWait(Fabric fabric, String goFile) throws Exception {
    fabric.log("loss", 0.5, 7);
    awaitFile(fabric, goFile);
    fabric.log("loss", 0.25, 8);
    return null;
  }

  @Test
  void runsAllRanksAgainAfterTheLossOfAnExecutor() throws Exception {
    String file = folder.resolve("victim").toString();
    CompletableFuture<Integer> launch =
        CompletableFuture.supplyAsync(
            () -> SparkFabric.launch(spark, 2, fabric -> firstAttemptWaits(fabric, file)));
    await(() -> Files.exists(Path.of(file)));

    ProcessHandle.of(Long.parseLong(Files.readString(Path.of(file)))).get().destroyForcibly();

    assertThat(launch.get(60, TimeUnit.SECONDS)).isEqualTo(1);
  }

  private static int firstAttemptWaits(Fabric fabric, String file) throws IOException {
    int attempt = TaskContext.get().stageAttemptNumber();
    if (fabric.globalRank() == 1 && attempt == 0) {
      Path temporary = Path.of(file + ".tmp");
      Files.writeString(temporary, Long.toString(ProcessHandle.current().pid()));
      Files.move(temporary, Path.of(file));
    }
    while (attempt == 0) {
      fabric.barrier();
    }
    return attempt;
  }

  @Test
  void doesNotRunCodeAgainThatFailed() {
    String attempts = folder.resolve("attempt").toString();

    assertThatThrownBy(
            () ->
                SparkFabric.launch(
                    spark,
                    2,
                    fabric -> {
                      if (fabric.globalRank() == 1) {
                        Files.createTempFile(Path.of(attempts).getParent(), "attempt", null);
                        throw new IllegalStateException("loss is NaN");
                      }
                      fabric.barrier();
                      return 1;
                    }))
        .isInstanceOf(FabricException.class)
        .hasMessage("[rank 1/2] on 127.0.0.1 failed: java.lang.IllegalStateException: loss is NaN")
        .hasCauseExactlyInstanceOf(IllegalStateException.class)
        .extracting(e -> e.getSuppressed()[0].getMessage(), as(InstanceOfAssertFactories.STRING))
        .startsWith("The last log lines of rank 1:\n  ")
        .contains("[rank 1/2] Joined a group of 2 ranks");
    assertThat(folder).isDirectoryContaining("glob:**attempt*");
    assertThat(folder.toFile().list()).hasSize(1);
  }

  @Test
  void countsTheSlotsOfExecutors() {
    SparkFabric fabric =
        SparkFabric.builder(spark)
            .numWorkers(3)
            .option(SparkFabricOptions.EXECUTOR_TIMEOUT, "3s")
            .build();

    SparkFabric.launch(spark, 2, Fabric::globalRank); // both executors have registered
    assertThatThrownBy(() -> fabric.launch(Fabric::globalRank))
        .hasMessage(
            "Cannot launch 3 ranks: 2 task slots are available (2 executors, spark.task.cpus=1) and"
                + " a barrier stage starts all ranks at once. Set numWorkers to 2 or fewer, or add"
                + " executors.");
  }

  private interface Body {
    void run(ByteArrayOutputStream out) throws IOException;
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  private static void await(Condition condition) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.holds()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  private static List<String> capture(Body body) throws IOException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      body.run(out);
    } finally {
      System.setOut(before);
    }
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}

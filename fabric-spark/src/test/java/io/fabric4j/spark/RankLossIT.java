package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric4j.Fabric;
import io.fabric4j.FabricException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three executors, of which one rank does not come, is killed, or loses its process. */
@Timeout(180)
class RankLossIT {
  private static final int RANKS = 3;
  private static SparkSession spark;

  /** Newest task of each rank. */
  private static final Map<Integer, Long> TASKS = new ConcurrentHashMap<>();

  @TempDir private Path folder;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkClusterIT.cluster(RANKS)
            .config("spark.authenticate", "true")
            .config("spark.authenticate.secret", "of the tests")
            .config("spark.network.crypto.enabled", "true")
            .config(SparkFabricOptions.BIND_ADDRESS, "lo")
            .getOrCreate();
    spark
        .sparkContext()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskStart(SparkListenerTaskStart event) {
                TASKS.put(event.taskInfo().index(), event.taskInfo().taskId());
              }
            });
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @BeforeEach
  void launchesOnThreeExecutors() {
    assertThat(launchAgain()).isEqualTo(RANKS);
  }

  private static int launchAgain() {
    return SparkFabric.launch(
        spark, RANKS, fabric -> fabric.processGroup().allGatherObject(fabric.globalRank()).size());
  }

  @Test
  void aTaskKilledFromTheDriverEndsTheLaunch() throws Exception {
    String running = folder.resolve("running-").toString();
    CompletableFuture<Integer> launch =
        CompletableFuture.supplyAsync(
            () -> SparkFabric.launch(spark, RANKS, fabric -> waitForever(fabric, running)));
    for (int rank = 0; rank < RANKS; rank++) {
      awaitFile(Path.of(running + rank));
    }
    spark.sparkContext().killTaskAttempt(TASKS.get(1), true, "an operator's wish");

    assertThatThrownBy(() -> launch.get(10, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(FabricException.class)
        .hasMessageMatching(
            "\\[rank [02]/3] on 127\\.0\\.0\\.1 failed: barrier call #\\d+ failed: rank 1"
                + " \\(127\\.0\\.0\\.1:\\d+\\) (was interrupted|reported .*Spark killed the task)\\."
                + ".*");
    assertThat(launchAgain()).isEqualTo(RANKS);
  }

  private static int waitForever(Fabric fabric, String running) throws IOException {
    fabric.barrier();
    Files.createFile(Path.of(running + fabric.globalRank()));
    while (true) {
      fabric.barrier();
    }
  }

  @Test
  void aRankThatNeverComesToTheRendezvousIsNamed() {
    SparkFabric fabric =
        stuckInInput(folder.resolve("never").toString())
            .startTimeout(Duration.ofSeconds(3))
            .build();

    assertThatThrownBy(() -> fabric.launch((f, shards) -> f.globalRank()))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("The launch stood still for 3 s and was cancelled: ")
        .hasMessageContaining("rank 0 is waiting for the other ranks (1 rows)")
        .hasMessageContaining("rank 1 is reading its input (0 rows)")
        .hasMessageContaining("rank 2 is waiting for the other ranks (1 rows)")
        .hasMessageEndingWith(
            "Look at the logs of their executors, or raise spark.fabric.start-timeout.");
    assertThat(launchAgain()).isEqualTo(RANKS);
  }

  @Test
  void anExecutorLostBeforeTheRendezvousIsReplaced() throws Exception {
    Path victim = folder.resolve("victim");
    SparkFabric fabric = stuckInInput(victim.toString()).build();
    CompletableFuture<Integer> launch =
        CompletableFuture.supplyAsync(
            () -> fabric.launch((f, shards) -> TaskContext.get().stageAttemptNumber()));
    awaitFile(victim);
    ProcessHandle.of(Long.parseLong(Files.readString(victim))).get().destroyForcibly();

    assertThat(launch.get(60, TimeUnit.SECONDS)).isEqualTo(1);
    assertThat(launchAgain()).isEqualTo(RANKS);
  }

  /** Returns a launch of which rank 1's first attempt never has read its row; it tells its pid. */
  private static SparkFabric.Builder stuckInInput(String file) {
    JavaRDD<Integer> rows =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(List.of(0, 1, 2), RANKS);
    return SparkFabric.builder(spark)
        .numWorkers(RANKS)
        .input("train", rows, (element, row) -> row.put("x", stuck(element, file)));
  }

  private static int stuck(int element, String file) {
    try {
      if (element == 1 && TaskContext.get().stageAttemptNumber() == 0) {
        Path aside = Path.of(file + ".aside");
        Files.writeString(aside, Long.toString(ProcessHandle.current().pid()));
        Files.move(aside, Path.of(file));
        Thread.sleep(TimeUnit.MINUTES.toMillis(2));
      }
      return element;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitFile(Path file) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).as(file.toString()).isLessThan(deadline);
      Thread.sleep(50);
    }
  }
}

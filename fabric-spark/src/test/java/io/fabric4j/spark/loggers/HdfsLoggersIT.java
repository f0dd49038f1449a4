package io.fabric4j.spark.loggers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric4j.loggers.CSVLogger;
import io.fabric4j.loggers.TensorBoardLogger;
import io.fabric4j.spark.SparkFabric;
import io.fabric4j.spark.checkpoint.MiniHdfs;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class HdfsLoggersIT {
  private static final Duration OFTEN = Duration.ofMillis(100);

  /** The ranks are threads of this JVM. */
  private static final AtomicBoolean SEEN = new AtomicBoolean();

  @TempDir private static java.nio.file.Path folder;
  private static MiniHdfs cluster;

  @BeforeAll
  static void startCluster() throws IOException {
    cluster = new MiniHdfs(folder, 1, Map.of("ipc.client.connect.max.retries", "0"));
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  private static TensorBoardLogger.Builder tensorBoard(String directory) throws IOException {
    return TensorBoardLogger.builder(cluster.root() + directory).flushEvery(OFTEN);
  }

  private static byte[] read(Path file) throws IOException {
    try (InputStream in = cluster.fileSystem().open(file)) {
      return in.readAllBytes();
    }
  }

  /** Returns the scalars in all event files of a folder that have been written so far. */
  private static List<String> scalars(String directory) throws IOException {
    List<String> scalars = new ArrayList<>();
    try {
      for (FileStatus file : cluster.fileSystem().listStatus(new Path(directory))) {
        if (file.getPath().getName().startsWith("events.")) {
          scalars.addAll(TensorFlowEvents.scalars(read(file.getPath())));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    }
    return scalars;
  }

  private static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.call()) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.sleep(20);
    }
  }

  @Test
  void trainingOnSparkIsReadWhileItWrites() throws Exception {
    SparkSession spark =
        SparkSession.builder().master("local[2]").config("spark.ui.enabled", "false").getOrCreate();
    try {
      SparkFabric fabric =
          SparkFabric.builder(spark)
              .numWorkers(2)
              .loggers(
                  tensorBoard("/spark").version("run").build(),
                  CSVLogger.builder(cluster.root() + "/spark").version("run").build())
              .build();
      CompletableFuture<Long> training =
          CompletableFuture.supplyAsync(
              () ->
                  fabric.launch(
                      rank -> {
                        long step = 0;
                        while (!SEEN.get()) {
                          rank.log("loss", 1.0 / ++step, step);
                          Thread.sleep(5);
                        }
                        return step;
                      }));
      String logs = "/spark/lightning_logs/run";
      await(() -> training.isDone() || scalars(logs).size() > 50);
      int early = scalars(logs).size();
      await(() -> training.isDone() || scalars(logs).size() > early + 50);
      assertThat(training).isNotDone();
      SEEN.set(true);
      long steps = training.get(60, TimeUnit.SECONDS);
      String csv = new String(read(new Path(logs + "/metrics.csv")), StandardCharsets.UTF_8);
      assertThat(csv).startsWith("loss,step\r\n1.0,1\r\n").endsWith("," + steps + "\r\n");
      assertThat(csv.lines()).hasSize((int) steps + 1);
      assertThat(scalars(logs)).hasSize((int) steps);
    } finally {
      SEEN.set(true);
      spark.stop();
    }
  }

  @Test
  void whatIsLoggedWhileTheNameNodeIsAwayComesLater() throws Exception {
    TensorBoardLogger logger = tensorBoard("/away").version("run").build();
    logger.useStorage(new HadoopLogStorage(cluster.configuration()));
    cluster.cluster().shutdownNameNode(0);
    try (logger) {
      for (int step = 1; step <= 1000; step++) {
        logger.logMetrics(Map.of("loss", step), step);
      }
      cluster.cluster().restartNameNode(0);
      await(() -> scalars("/away/lightning_logs/run").size() == 1000);
    }
    assertThat(scalars("/away/lightning_logs/run")).hasSize(1000).startsWith("loss@1=1.0");
  }
}

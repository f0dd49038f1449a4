package io.fabric4j.spark.loggers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import io.fabric4j.Fabric;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** MLflow's own client talks to a server over HTTP. */
@Timeout(120)
class MLflowLoggerTest {
  private MLflowServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = new MLflowServer();
  }

  @AfterEach
  void stopServer() {
    server.close();
  }

  private MLflowLogger.Builder builder() {
    return MLflowLogger.builder(server.uri())
        .experiment("digits")
        .runName("mlp")
        .flushEvery(Duration.ofMillis(50));
  }

  private String status(String run) {
    return server.run(run).getAsJsonObject("info").get("status").getAsString();
  }

  @Test
  void sendsWhatATrainingLogs() throws Exception {
    MLflowLogger logger = builder().tag("team", "vision").prefix("train").build();
    try (Fabric fabric = Fabric.builder().loggers(logger).build()) {
      fabric.launch(
          rank -> {
            rank.logHyperparams(Map.of("optimizer", Map.of("rate", 0.5)));
            for (long step = 0; step < 250; step++) {
              rank.log("loss", 1.0 / (step + 1), step);
            }
            rank.logger().save();
            assertThat(rank.logger().version()).isEqualTo("run0");
            assertThat(status("run0")).isEqualTo("RUNNING");
            return null;
          });
    }
    assertThat(server.logged("run0"))
        .hasSize(251)
        .contains("optimizer/rate=0.5", "train-loss@0=1.0", "train-loss@249=0.004");
    assertThat(server.batches()).allSatisfy(size -> assertThat(size).isBetween(1, 100));
    assertThat(status("run0")).isEqualTo("FINISHED");
    JsonObject run = server.run("run0");
    assertThat(run.getAsJsonObject("info").get("run_name").getAsString()).isEqualTo("mlp");
    assertThat(run.getAsJsonObject("data").get("tags"))
        .hasToString("[{\"key\":\"team\",\"value\":\"vision\"}]");
  }

  @Test
  void marksFailedTrainings() {
    assertThatThrownBy(
            () -> {
              try (Fabric fabric = Fabric.builder().loggers(builder().build()).build()) {
                fabric.launch(
                    rank -> {
                      rank.log("loss", 1, 0);
                      throw new IllegalStateException("diverged");
                    });
              }
            })
        .hasMessage("diverged");
    assertThat(status("run0")).isEqualTo("FAILED");
  }

  @Test
  void resumesTheRunOfItsName() {
    for (int attempt = 0; attempt < 2; attempt++) {
      try (MLflowLogger logger = builder().resuming().build()) {
        logger.logMetrics(Map.of("loss", attempt), attempt);
      }
    }
    assertThat(server.runIds()).containsExactly("run0");
    assertThat(server.logged("run0")).containsExactly("loss@0=0.0", "loss@1=1.0");
    try (MLflowLogger logger = builder().build()) {
      logger.logMetrics(Map.of("loss", 1), 1);
    }
    assertThat(server.runIds()).containsExactly("run0", "run1");
  }

  @Test
  void sendsLaterWhatABusyServerDidNotTake() {
    server.failure = 503;
    try (MLflowLogger logger = builder().build()) {
      for (int step = 0; step < 300; step++) {
        logger.logMetrics(Map.of("loss", step), step);
      }
      logger.save();
      assertThat(logger.version()).isEmpty();
      server.failure = 0;
    }
    assertThat(server.logged("run0")).hasSize(300).startsWith("loss@0=0.0");
  }

  @Test
  void leavesOutWhatTheServerRefuses() {
    try (MLflowLogger logger = builder().build()) {
      logger.logMetrics(Map.of("l☃ss", 1), 1);
      logger.save();
      logger.logMetrics(Map.of("loss", 1), 2);
    }
    assertThat(server.logged("run0")).containsExactly("loss@2=1.0");
  }

  @Test
  void doesNotHoldUpATrainingIfTheServerHangs() {
    server.failure = -1;
    MLflowLogger logger = builder().build();
    long start = System.nanoTime();
    for (int step = 0; step < 100_000; step++) {
      logger.logMetrics(Map.of("loss", step), step);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    server.close();
    logger.close();
  }

  @Test
  void saysWhatItCannotDo() {
    assertThatThrownBy(() -> MLflowLogger.builder("http://host").resuming().build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "A run without a name cannot be found again. Set runName, or leave out resuming.");
    assertThatThrownBy(() -> builder().build().logMetrics(Map.of("loss", List.of()), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot log loss=[]: it is neither a number nor a map of numbers.");
    assertThatThrownBy(() -> builder().flushEvery(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The flush interval is PT0S. Use a duration above zero.");
    assertThatThrownBy(() -> MLflowSink.requireClient(ClassLoader.getPlatformClassLoader()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "MLflow's client is not on the class path. Add it, for example with spark-submit"
                + " --packages org.mlflow:mlflow-client:2.17.2.");
  }
}

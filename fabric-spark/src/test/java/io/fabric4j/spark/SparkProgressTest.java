package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricException;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.SGD;
import io.fabric4j.spark.progress.EpochSummary;
import io.fabric4j.spark.progress.MetricPoint;
import io.fabric4j.spark.progress.TrainingHistory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.logging.log4j.LogManager;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Timeout(60)
class SparkProgressTest extends SparkTest {
  private static final Logger LOGGER = LoggerFactory.getLogger(SparkProgressTest.class);
  private static final int ROWS = 1000;
  private static final int BATCH = 100;

  private static SparkFabric.Builder withRows() {
    JavaRDD<Integer> ids =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, ROWS).boxed().toList(), 4);
    return SparkFabric.builder(spark)
        .numWorkers(2)
        .input("train", ids, (id, row) -> row.put("x", new float[] {id}).put("y", new float[] {1}));
  }

  /** Trains two epochs and logs the loss of each step and something once per epoch. */
  private static int train(Fabric fabric, Shards shards) {
    FabricSetup setup =
        fabric.setup(
            Linear.builder().setUnits(1).build(),
            new Shape(1, 1),
            SGD.builder().learningRate(1e-9f).build());
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shards.get("train").dataset(List.of("x"), List.of("y")))
                .batchSize(BATCH));
    Loss l1 = Loss.l1Loss();
    int step = 0;
    for (int epoch = 0; epoch < 2; epoch++) {
      for (FabricBatch batch : loader) {
        NDArray loss = l1.evaluate(batch.getLabels(), setup.block().forward(batch.getData()));
        fabric.backward(loss);
        setup.optimizer().step();
        fabric.log("loss", loss, step++);
      }
      fabric.log("accuracy", 0.5 + epoch, step - 1);
    }
    return step;
  }

  @Test
  void keepsTheHistoryOfALaunch() {
    List<TrainingHistory> told = new CopyOnWriteArrayList<>();
    SparkFabric fabric = withRows().listener(told::add).build();
    assertThat(fabric.history()).isEmpty();

    int steps = fabric.launch(SparkProgressTest::train);

    TrainingHistory history = fabric.history().orElseThrow();
    assertThat(history.state()).isEqualTo(TrainingHistory.State.SUCCEEDED);
    assertThat(history.worldSize()).isEqualTo(2);
    assertThat(history.attempt()).isZero();
    assertThat(history.hosts()).containsOnlyKeys(0, 1);
    assertThat(history.metrics())
        .extracting(MetricPoint::step)
        .containsExactlyElementsOf(IntStream.range(0, steps).mapToObj(i -> (long) i).toList());
    assertThat(history.metric("accuracy"))
        .extracting(point -> point.values().get("accuracy"))
        .containsExactly(0.5, 1.5);
    assertThat(history.epochs()).hasSize(2);
    EpochSummary last = history.lastEpoch().orElseThrow();
    assertThat(last.epoch()).isEqualTo(1);
    assertThat(last.ranks()).containsOnlyKeys(0, 1);
    assertThat(last.batches()).isEqualTo(ROWS / 2 / BATCH).isEqualTo(last.totalBatches());
    assertThat(last.samples()).isEqualTo(ROWS);
    assertThat(last.samplesPerSecond()).isPositive();
    assertThat(last.metrics()).containsOnlyKeys("loss", "accuracy").containsEntry("accuracy", 1.5);
    assertThat(told.get(told.size() - 1)).isEqualTo(history);
    assertThat(told.subList(0, told.size() - 1))
        .isNotEmpty()
        .allSatisfy(h -> assertThat(h.state()).isEqualTo(TrainingHistory.State.RUNNING));
  }

  @Test
  void givesEachLaunchAnIdOfItsOwn() {
    SparkFabric fabric = SparkFabric.builder(spark).numWorkers(1).build();

    fabric.launch(Fabric::globalRank);
    String first = fabric.history().orElseThrow().runId();
    fabric.launch(Fabric::globalRank);

    assertThat(fabric.history().orElseThrow().runId())
        .startsWith(spark.sparkContext().applicationId())
        .isNotEqualTo(first);
  }

  @Test
  void showsTheLastLogLinesOfTheRankThatFailed() {
    SparkFabric fabric = SparkFabric.builder(spark).numWorkers(2).build();

    assertThatThrownBy(() -> fabric.launch(SparkProgressTest::failOnRankOne))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "[rank 1/2] on localhost failed: java.lang.IllegalStateException: part 17 is empty")
        .extracting(e -> e.getSuppressed()[0].getMessage(), as(InstanceOfAssertFactories.STRING))
        .matches(
            "(?s)The last log lines of rank 1:\n.*\n  \\d\\d:\\d\\d:\\d\\d WARN SparkProgressTest: rank"
                + " 1 reads part 17 java.io.IOException: retried")
        .doesNotContain("rank 0 reads");
    assertThat(fabric.history().orElseThrow().state()).isEqualTo(TrainingHistory.State.FAILED);
  }

  private static int failOnRankOne(Fabric fabric) {
    LOGGER.warn("rank {} reads part 17", fabric.globalRank(), new IOException("retried"));
    if (fabric.globalRank() == 1) {
      throw new IllegalStateException("part 17 is empty");
    }
    fabric.barrier();
    return 0;
  }

  @Test
  void copiesNoLogLinesAfterTheEnd() {
    Map<String, ?> before = appenders();

    SparkFabric.launch(spark, 2, Fabric::globalRank);

    assertThat(appenders()).isEqualTo(before);
  }

  private static Map<String, ?> appenders() {
    return Map.copyOf(
        ((org.apache.logging.log4j.core.Logger) LogManager.getRootLogger()).getAppenders());
  }
}

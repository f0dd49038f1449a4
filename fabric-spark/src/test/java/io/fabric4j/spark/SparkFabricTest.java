package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import io.fabric4j.Fabric;
import io.fabric4j.FabricException;
import io.fabric4j.FabricFunction;
import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.distributed.ReduceOp;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SparkFabricTest extends SparkTest {
  private static final Object NOT_SERIALIZABLE = new Object();

  /** A function of a named class. */
  private record SumOfRanks(float factor) implements FabricFunction<Float> {
    @Override
    public Float run(Fabric fabric) {
      try (NDArray sum = fabric.manager().create(new float[] {factor * fabric.globalRank()})) {
        fabric.processGroup().allReduce(sum, ReduceOp.SUM).waitFor();
        return sum.getFloat();
      }
    }
  }

  @Test
  void returnsTheResultOfRankZero() {
    Map<String, Integer> result =
        SparkFabric.launch(
            spark,
            3,
            fabric ->
                Map.of(
                    "rank", fabric.globalRank(),
                    "world", fabric.worldSize(),
                    "local", fabric.localRank(),
                    "node", fabric.nodeRank()));

    assertThat(result).isEqualTo(Map.of("rank", 0, "world", 3, "local", 0, "node", 0));
  }

  @Test
  void runsCollectivesAmongTheRanks() {
    assertThat(SparkFabric.launch(spark, 4, new SumOfRanks(2))).isEqualTo(12f);
  }

  @Test
  void runsOneRank() {
    String transport = SparkFabric.launch(spark, 1, fabric -> fabric.processGroup().transport());

    assertThat(transport).isEqualTo("single");
  }

  @Test
  void startsAsManyRanksAsTaskSlotsByDefault() {
    int world = SparkFabric.builder(spark).build().launch(Fabric::worldSize);

    assertThat(world).isEqualTo(4);
  }

  @Test
  void returnsNull() {
    assertThat(SparkFabric.<Object>launch(spark, 2, fabric -> null)).isNull();
  }

  @Test
  void givesEachRankTheThreadsOfItsTask() {
    int threads =
        SparkFabric.launch(spark, 2, fabric -> ai.djl.pytorch.jni.JniUtils.getNumThreads());

    assertThat(threads).isEqualTo(1);
  }

  @Test
  void rejectsNoWorkers() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkFabric.builder(spark).numWorkers(0))
        .withMessage("numWorkers is 0, but at least 1 rank is needed.");
  }

  @Test
  @Timeout(10)
  void rejectsMoreRanksThanTaskSlots() {
    assertThatThrownBy(() -> SparkFabric.launch(spark, 8, Fabric::globalRank))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "Cannot launch 8 ranks: 4 task slots are available (local[4], spark.task.cpus=1) and a"
                + " barrier stage starts all ranks at once. Set numWorkers to 4 or fewer, or start"
                + " Spark with master local[8].");
  }

  @Test
  void rejectsAFunctionThatIsNotSerializable() {
    Object captured = new Object();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> SparkFabric.launch(spark, 2, fabric -> captured.hashCode()))
        .withMessageStartingWith(
            "The function cannot go to the ranks: it uses an object of java.lang.Object, which is"
                + " not serializable.");
  }

  @Test
  void rejectsAResultThatIsNotSerializable() {
    assertThatThrownBy(() -> SparkFabric.launch(spark, 2, fabric -> List.of(NOT_SERIALIZABLE)))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("[rank 0/2] on ")
        .hasMessageContaining(
            "cannot return to the driver: java.lang.Object is not serializable. Return plain"
                + " values, and save models and arrays with fabric.save.");
  }

  @Test
  void rejectsAResultOverTheLimit() {
    assertThatThrownBy(() -> SparkFabric.launch(spark, 2, fabric -> new byte[20_000_000]))
        .isInstanceOf(FabricException.class)
        .hasMessageContaining(
            "The result takes 20000027 bytes, but at most 16777216 may return to the driver"
                + " (spark.driver.maxResultSize).");
  }

  @Test
  @Timeout(20)
  void endsTheLaunchWithTheExceptionOfTheRankThatFailed() {
    assertThatThrownBy(
            () ->
                SparkFabric.launch(
                    spark,
                    3,
                    fabric -> {
                      if (fabric.globalRank() == 1) {
                        throw new IllegalStateException("loss is NaN");
                      }
                      fabric.barrier();
                      return 1;
                    }))
        .isExactlyInstanceOf(FabricException.class)
        .hasMessage("[rank 1/3] on localhost failed: java.lang.IllegalStateException: loss is NaN")
        .cause()
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("loss is NaN");
    assertThat(SparkFabric.launch(spark, 4, new SumOfRanks(1))).isEqualTo(6f);
  }

  @Test
  void keepsTheTextOfAnExceptionThatIsNotSerializable() {
    assertThatThrownBy(
            () ->
                SparkFabric.launch(
                    spark,
                    2,
                    fabric -> {
                      throw new UnserializableException();
                    }))
        .isInstanceOf(FabricException.class)
        .hasMessageContaining("UnserializableException: odd")
        .cause()
        .hasMessageContaining("UnserializableException: odd");
  }

  /** Carries what cannot be serialized. */
  private static final class UnserializableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // that is the point
    private final Object state = new Object();

    UnserializableException() {
      super("odd");
    }
  }

  @Test
  @Timeout(30)
  void endsWhenTheJobIsCancelled() throws InterruptedException {
    CompletableFuture<Integer> launch =
        CompletableFuture.supplyAsync(
            () -> {
              spark.sparkContext().addJobTag("mine");
              try {
                return endless();
              } finally {
                spark.sparkContext().removeJobTag("mine");
              }
            });
    Thread.sleep(3000);

    spark.sparkContext().cancelJobsWithTag("mine");

    assertThatThrownBy(() -> launch.get(5, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(FabricException.class)
        .hasMessageMatching("The launch did not complete: .*cancelled.* tags mine.*");
    assertThat(SparkFabric.launch(spark, 4, new SumOfRanks(1))).isEqualTo(6f);
  }

  @Test
  @Timeout(30)
  void endsWhenTheCallingThreadIsInterrupted() throws Exception {
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                endless();
              } catch (FabricException e) {
                failure.complete(e);
              }
            });
    caller.start();
    Thread.sleep(3000);

    caller.interrupt();

    assertThat(failure.get(5, TimeUnit.SECONDS))
        .hasMessage("The launch was interrupted, and its ranks are cancelled.");
    assertThat(SparkFabric.launch(spark, 4, new SumOfRanks(1))).isEqualTo(6f);
  }

  /** Waits in collectives for ever. */
  private static int endless() {
    return SparkFabric.launch(
        spark,
        4,
        fabric -> {
          while (true) {
            fabric.barrier();
          }
        });
  }

  @Test
  @Timeout(40)
  void cancelsALaunchWhoseRanksDoNotStart() throws InterruptedException {
    CompletableFuture<Long> other =
        CompletableFuture.supplyAsync(
            () ->
                spark
                    .range(0, 2, 1, 2)
                    .javaRDD()
                    .map(
                        i -> {
                          Thread.sleep(8000);
                          return i;
                        })
                    .count());
    while (spark.sparkContext().statusTracker().getActiveJobIds().length == 0) {
      Thread.sleep(20);
    }

    assertThatThrownBy(
            () ->
                SparkFabric.builder(spark)
                    .numWorkers(4)
                    .startTimeout(Duration.ofSeconds(2))
                    .build()
                    .launch(Fabric::globalRank))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "The launch stood still for 2 s and was cancelled: 0 of 4 ranks have started. Other jobs"
                + " may hold the task slots: wait for them or stop them, or raise"
                + " spark.fabric.start-timeout.");
    other.join();
  }

  @Test
  void printsOnceOnTheDriver() {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true));
    try {
      SparkFabric.launch(
          spark,
          2,
          fabric -> {
            fabric.print("epoch 1");
            fabric.print("epoch 2");
            return null;
          });
    } finally {
      System.setOut(before);
    }

    assertThat(bytes.toString().lines()).containsExactly("epoch 1", "epoch 2");
  }

  @Test
  void refusesCudaWithoutGpusBeforeAnyTaskStarts() {
    Assumptions.assumeFalse(CUDAAccelerator.isAvailable(), "Skipped: there is a GPU.");

    assertThatThrownBy(
            () -> SparkFabric.builder(spark).accelerator("gpu").build().launch(fabric -> 0))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("The accelerator 'cuda' is not available: ");
  }
}

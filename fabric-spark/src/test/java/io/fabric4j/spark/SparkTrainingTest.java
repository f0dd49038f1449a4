package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.initializer.ConstantInitializer;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricException;
import io.fabric4j.FabricSetup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.distributed.ShardedDataset;
import io.fabric4j.optim.SGD;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A linear model on inputs of Spark, against the same steps computed by hand. */
@Timeout(60)
class SparkTrainingTest extends SparkTest {
  private static final int BATCH = 64;
  private static final int EPOCHS = 2;
  private static final float RATE = 0.05f;
  private static final float START = 0.1f;

  private static final RowMapper<Integer> MAPPER =
      (id, row) -> row.put("x", features(id)).put("y", new float[] {target(id)});

  private static float[] features(int id) {
    return new float[] {(float) Math.sin(id), (float) Math.cos(3.0 * id), id % 5 - 2};
  }

  private static float target(int id) {
    float[] x = features(id);
    return 2 * x[0] - x[1] + 0.5f * x[2] + 1;
  }

  @Test
  void unevenShardsTrainAsOneRankOnTheSameGlobalBatches() {
    List<Integer> sizes = List.of(0, 1, 7, 1000);

    float[] trained =
        SparkFabric.builder(spark)
            .numWorkers(4)
            .input("train", shards(sizes), MAPPER)
            .build()
            .launch(SparkTrainingTest::train);

    double[] expected = trainByHand(globalBatches(sizes));
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) trained[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  /** Partition i holds the ids from 1000 i on. */
  private static JavaRDD<Integer> shards(List<Integer> sizes) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, sizes.size()).boxed().toList(), sizes.size())
        .flatMap(i -> IntStream.range(0, sizes.get(i)).map(row -> 1000 * i + row).iterator());
  }

  private static List<List<Integer>> globalBatches(List<Integer> sizes) {
    List<List<Integer>> batches = new ArrayList<>();
    for (int start = 0; start < sizes.stream().mapToInt(s -> s).max().getAsInt(); start += BATCH) {
      List<Integer> batch = new ArrayList<>();
      for (int i = 0; i < sizes.size(); i++) {
        for (int row = start; row < Math.min(sizes.get(i), start + BATCH); row++) {
          batch.add(1000 * i + row);
        }
      }
      batches.add(batch);
    }
    return batches;
  }

  private static float[] train(Fabric fabric, Shards shards) {
    Shard shard = shards.get("train");
    Linear block = Linear.builder().setUnits(1).build();
    block.setInitializer(new ConstantInitializer(START), Parameter.Type.WEIGHT);
    Shape input = new Shape(1).addAll(shard.shape("x"));
    FabricSetup setup = fabric.setup(block, input, SGD.builder().learningRate(RATE).build());
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shard.dataset(List.of("x"), List.of("y"))).batchSize(BATCH));
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      for (FabricBatch batch : loader) {
        setup.optimizer().zeroGrad();
        NDList outputs = setup.block().forward(batch.getData());
        fabric.backward(Loss.l2Loss().evaluate(batch.getLabels(), outputs));
        setup.optimizer().step();
      }
    }
    float[] weights = block.getParameters().valueAt(0).getArray().toFloatArray();
    float[] all = Arrays.copyOf(weights, weights.length + 1);
    all[weights.length] = block.getParameters().valueAt(1).getArray().toFloatArray()[0];
    return all;
  }

  /** DJL's L2 loss is half the mean of the squared errors. */
  private static double[] trainByHand(List<List<Integer>> batches) {
    double[] w = {START, START, START, 0};
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
      for (List<Integer> batch : batches) {
        double[] gradient = new double[4];
        for (int id : batch) {
          float[] x = features(id);
          double error = w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] - target(id);
          for (int i = 0; i < 3; i++) {
            gradient[i] += error * x[i] / batch.size();
          }
          gradient[3] += error / batch.size();
        }
        for (int i = 0; i < 4; i++) {
          w[i] -= RATE * gradient[i];
        }
      }
    }
    return w;
  }

  @Test
  void readsSeveralDataFrames() {
    Dataset<Row> train = spark.range(1000).selectExpr("float(id) as x", "id as y");
    Dataset<Row> validation = spark.range(5).selectExpr("double(id) as z");

    List<Float> sums =
        SparkFabric.builder(spark)
            .numWorkers(3)
            .input("train", train)
            .input("validation", validation)
            .build()
            .launch(
                (fabric, shards) ->
                    List.of(
                        sum(fabric, shards.get("train"), "x"),
                        sum(fabric, shards.get("train"), "y"),
                        sum(fabric, shards.get("validation"), "z")));

    assertThat(sums).containsExactly(499_500f, 499_500f, 10f);
  }

  @Test
  void repeatsTheOrderOfRowsAndItsFingerprint() {
    Dataset<Row> rows = spark.range(0, 999, 1, 5).selectExpr("id", "sqrt(id) as root");

    List<Long> first = fingerprints(rows);

    assertThat(first).hasSize(3).doesNotHaveDuplicates();
    assertThat(fingerprints(rows)).isEqualTo(first);
    assertThat(fingerprints(rows.where("id != 500"))).isNotEqualTo(first);
  }

  private static List<Long> fingerprints(Dataset<Row> rows) {
    return SparkFabric.builder(spark)
        .numWorkers(3)
        .input("train", rows)
        .build()
        .launch(
            (fabric, shards) -> {
              Shard shard = shards.get("train");
              ShardedDataset dataset =
                  (ShardedDataset) shard.dataset(List.of("id"), List.of("root"));
              assertThat(dataset.fingerprint()).hasValue(shard.fingerprint());
              return new ArrayList<>(fabric.processGroup().allGatherObject(shard.fingerprint()));
            });
  }

  /** Returns the sum of a column over all ranks, through a data loader. */
  private static float sum(Fabric fabric, Shard shard, String column) {
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shard.dataset(List.of(column), List.of())).batchSize(10));
    float sum = 0;
    for (FabricBatch batch : loader) {
      if (!batch.isFiller()) {
        for (Number value : batch.getData().singletonOrThrow().toArray()) {
          sum += value.floatValue();
        }
      }
    }
    try (NDArray total = fabric.manager().create(new float[] {sum})) {
      fabric.processGroup().allReduce(total, ReduceOp.SUM).waitFor();
      return total.getFloat();
    }
  }

  @Test
  void trainsOnAnInputWithoutAnyRow() {
    long batches =
        SparkFabric.builder(spark)
            .numWorkers(2)
            .input("train", spark.range(0).toDF())
            .build()
            .launch(
                (fabric, shards) ->
                    fabric
                        .setupDataloaders(
                            FabricDataLoader.of(
                                shards.get("train").dataset(List.of("id"), List.of())))
                        .length());

    assertThat(batches).isZero();
  }

  @Test
  void namesInputColumnAndRowOfANull() {
    Dataset<Row> rows = spark.range(0, 8, 1, 2).selectExpr("if(id = 5, null, id) as x");

    assertThatThrownBy(
            () ->
                SparkFabric.builder(spark)
                    .numWorkers(2)
                    .input("train", rows)
                    .build()
                    .launch((fabric, shards) -> shards.get("train").rows()))
        .isInstanceOf(FabricException.class)
        .hasMessageMatching(
            "\\[rank \\d/2] on localhost failed: java.lang.IllegalArgumentException: Column 'x' of"
                + " input 'train', row \\d of this rank, is null or contains null\\. .*");
  }

  @Test
  void namesInputAndRowOfAMapperThatFails() {
    JavaRDD<Integer> rows = shards(List.of(3, 3));

    assertThatThrownBy(
            () ->
                SparkFabric.builder(spark)
                    .numWorkers(2)
                    .input("train", rows, (id, row) -> row.put("x", 1 / (id - 1002)))
                    .build()
                    .launch((fabric, shards) -> shards.get("train").rows()))
        .hasMessage(
            "[rank 1/2] on localhost failed: The mapper of input 'train' failed in row 2 of this"
                + " rank: java.lang.ArithmeticException: / by zero. Look at the cause.");
  }

  @Test
  void cancelsALaunchWhoseInputStandsStill() {
    JavaRDD<Integer> rows = shards(List.of(3, 3));

    assertThatThrownBy(
            () ->
                SparkFabric.builder(spark)
                    .numWorkers(2)
                    .startTimeout(Duration.ofSeconds(1))
                    .input("train", rows, SparkTrainingTest::stall)
                    .build()
                    .launch((fabric, shards) -> shards.get("train").rows()))
        .hasMessage(
            "The launch stood still for 1 s and was cancelled: rank 0 is waiting for the other ranks"
                + " (3 rows), rank 1 is reading its input (0 rows). Look at the logs of their"
                + " executors, or raise spark.fabric.start-timeout.");
  }

  private static void stall(int id, RowWriter row) {
    if (id >= 1000) {
      LockSupport.parkNanos(Duration.ofSeconds(30).toNanos());
    }
    row.put("x", id);
  }

  @Test
  void rejectsAFunctionWithoutShardsIfThereAreInputs() {
    SparkFabric fabric =
        SparkFabric.builder(spark).numWorkers(2).input("train", spark.range(3).toDF()).build();

    assertThatThrownBy(() -> fabric.launch(rank -> 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The launch has the inputs [train], but the function does not take them. Pass a function"
                + " of (fabric, shards).");
  }

  @Test
  void rejectsTwoInputsOfOneName() {
    Dataset<Row> rows = spark.range(3).toDF();

    assertThatThrownBy(() -> SparkFabric.builder(spark).input("a", rows).input("a", rows))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("There are two inputs 'a'. Give each a name of its own.");
  }
}

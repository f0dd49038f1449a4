package io.fabric4j.spark;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Three ranks with shards of any length, against one rank on the same global batches. */
@Timeout(300)
class UnevenShardsIT extends SparkTest {
  private static final int BATCH = 64;
  private static final int FEATURES = 5;

  @ParameterizedTest
  @ValueSource(strings = {"0,7,100003", "1,1,1000", "1000,1000,1000", "0,0,1", "333,334,335"})
  void equalOneRankOnTheSameGlobalBatches(String shape) {
    List<Integer> sizes = Arrays.stream(shape.split(",")).map(Integer::valueOf).toList();

    float[] three =
        SparkFabric.builder(spark)
            .numWorkers(3)
            .input("train", shards(sizes), UnevenShardsIT::map)
            .build()
            .launch((fabric, shards) -> train(fabric, shards.get("train")));

    double difference = relativeDifference(three, trainOnOneRank(sizes));
    System.out.printf("Shards of %s rows: difference %.1e%n", shape, difference);
    assertThat(difference).isLessThan(1e-6);
  }

  private static JavaRDD<Integer> shards(List<Integer> sizes) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(IntStream.range(0, sizes.size()).boxed().toList(), sizes.size())
        .flatMap(rank -> IntStream.range(0, sizes.get(rank)).map(row -> id(rank, row)).iterator());
  }

  private static int id(int rank, int row) {
    return 1_000_000 * rank + row;
  }

  private static void map(int id, RowWriter row) {
    row.put("x", features(id)).put("y", new float[] {target(id)});
  }

  private static float[] features(int id) {
    float[] x = new float[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      x[i] = (float) Math.sin((i + 1.3) * id);
    }
    return x;
  }

  private static float target(int id) {
    float[] x = features(id);
    return x[0] * x[1] - x[2] + 0.5f * x[4];
  }

  private static float[] train(Fabric fabric, Shard shard) {
    FabricSetup setup = setup(fabric);
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shard.dataset(List.of("x"), List.of("y"))).batchSize(BATCH));
    for (FabricBatch batch : loader) {
      step(fabric, setup, batch.getData(), batch.getLabels());
    }
    return parameters(setup);
  }

  private static float[] trainOnOneRank(List<Integer> sizes) {
    try (Fabric fabric = Fabric.builder().accelerator("cpu").build()) {
      return fabric.launch(
          rank -> {
            FabricSetup setup = setup(rank);
            for (List<Integer> batch : globalBatches(sizes)) {
              try (NDManager manager = rank.manager().newSubManager()) {
                float[][] x = batch.stream().map(UnevenShardsIT::features).toArray(float[][]::new);
                float[] y = new float[x.length];
                for (int i = 0; i < y.length; i++) {
                  y[i] = target(batch.get(i));
                }
                NDList labels = new NDList(manager.create(y, new Shape(y.length, 1)));
                step(rank, setup, new NDList(manager.create(x)), labels);
              }
            }
            return parameters(setup);
          });
    }
  }

  private static List<List<Integer>> globalBatches(List<Integer> sizes) {
    List<List<Integer>> batches = new ArrayList<>();
    int longest = sizes.stream().mapToInt(size -> size).max().getAsInt();
    for (int start = 0; start < longest; start += BATCH) {
      List<Integer> batch = new ArrayList<>();
      for (int rank = 0; rank < sizes.size(); rank++) {
        for (int row = start; row < Math.min(sizes.get(rank), start + BATCH); row++) {
          batch.add(id(rank, row));
        }
      }
      batches.add(batch);
    }
    return batches;
  }

  private static FabricSetup setup(Fabric fabric) {
    fabric.seedEverything(3);
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(Activation.tanhBlock())
            .add(Linear.builder().setUnits(1).build());
    return fabric.setup(
        block, new Shape(1, FEATURES), SGD.builder().learningRate(0.05).momentum(0.9).build());
  }

  private static void step(Fabric fabric, FabricSetup setup, NDList data, NDList labels) {
    setup.optimizer().zeroGrad();
    fabric.backward(Loss.l2Loss().evaluate(labels, setup.block().forward(data)));
    setup.optimizer().step();
  }

  private static float[] parameters(FabricSetup setup) {
    List<Float> values = new ArrayList<>();
    for (Parameter parameter : setup.block().unwrap().getParameters().values()) {
      for (float value : parameter.getArray().toFloatArray()) {
        values.add(value);
      }
    }
    float[] result = new float[values.size()];
    for (int i = 0; i < result.length; i++) {
      result[i] = values.get(i);
    }
    return result;
  }

  private static double relativeDifference(float[] actual, float[] expected) {
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow(actual[i] - (double) expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}

package io.fabric4j.spark;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * Trains on generated rows of 8 KiB: {@code java ... io.fabric4j.spark.LargerThanMemory MASTER
 * RANKS ROWS BUDGET EPOCHS}. Prints what the loop waited for data in each epoch, and the most
 * memory that each process had beside files.
 */
final class LargerThanMemory {
  private static final int WIDTH = 2048;
  private static final int BATCH = 256;
  private static final int AHEAD = 8;

  private LargerThanMemory() {}

  public static void main(String[] args) throws InterruptedException {
    int ranks = Integer.parseInt(args[1]);
    long rows = Long.parseLong(args[2]);
    int epochs = Integer.parseInt(args[4]);
    try (PeakMemory memory = PeakMemory.start()) {
      SparkSession spark =
          SparkSession.builder()
              .master(args[0])
              .config("spark.ui.enabled", "false")
              .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
              .config(SparkFabricOptions.EXECUTOR_TIMEOUT, "60s")
              .getOrCreate();
      try {
        List<String> lines =
            SparkFabric.builder(spark)
                .numWorkers(ranks)
                .memoryBudget(args[3])
                .input("train", ids(spark, ranks, rows), LargerThanMemory::generate)
                .build()
                .launch((fabric, shards) -> train(fabric, shards.get("train"), epochs));
        lines.forEach(System.out::println);
      } finally {
        spark.stop();
      }
      memory.print();
    }
  }

  private static JavaRDD<Long> ids(SparkSession spark, int ranks, long rows) {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(LongStream.range(0, ranks).boxed().toList(), ranks)
        .flatMap(rank -> LongStream.range(0, rows / ranks).map(i -> i * ranks + rank).iterator());
  }

  private static void generate(long id, RowWriter row) {
    float[] x = new float[WIDTH];
    long state = id * 0x9e3779b97f4a7c15L + 1;
    for (int i = 0; i < WIDTH; i++) {
      state = state * 6364136223846793005L + 1442695040888963407L;
      x[i] = (state >> 40) * 0x1p-23f;
    }
    row.put("x", x).put("y", new float[] {x[0] - x[1]});
  }

  private static ArrayList<String> train(Fabric fabric, Shard shard, int epochs) {
    FabricSetup setup = setup(fabric);
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(shard.dataset(List.of("x"), List.of("y")))
                .batchSize(BATCH)
                .shuffle(true)
                .prefetch(AHEAD));
    ArrayList<String> lines = new ArrayList<>();
    for (int epoch = 1; epoch <= epochs; epoch++) {
      long start = System.nanoTime();
      for (FabricBatch batch : loader) {
        setup.optimizer().zeroGrad();
        fabric.backward(
            Loss.l2Loss().evaluate(batch.getLabels(), setup.block().forward(batch.getData())));
        setup.optimizer().step();
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      List<Double> waited = fabric.processGroup().allGatherObject(loader.waitShare());
      lines.add(
          String.format(
              "epoch %d: %.1f s, %,.0f rows/s per rank, waited for data %.1f %%",
              epoch,
              seconds,
              shard.rows() / seconds,
              100 * waited.stream().mapToDouble(share -> share).max().getAsDouble()));
    }
    return lines;
  }

  private static FabricSetup setup(Fabric fabric) {
    fabric.seedEverything(1);
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(256).build())
            .add(Activation.reluBlock())
            .add(Linear.builder().setUnits(1).build());
    return fabric.setup(block, new Shape(1, WIDTH), SGD.builder().learningRate(0.001).build());
  }
}

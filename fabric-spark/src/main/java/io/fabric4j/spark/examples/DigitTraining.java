package io.fabric4j.spark.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricBlock;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.FabricSetup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.optim.Adam;
import io.fabric4j.spark.ShardFunction;
import io.fabric4j.spark.Shards;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The training loop, which runs on every rank.
 *
 * @param lr learning rate
 * @param checkpoint file that rank 0 writes after each epoch
 */
record DigitTraining(
    DigitNetwork network, int epochs, int batchSize, double lr, long seed, String checkpoint)
    implements ShardFunction<Double> {

  /** Returns the accuracy on the test images. */
  @Override
  public Double run(Fabric fabric, Shards shards) throws IOException {
    fabric.seedEverything(seed);
    FabricSetup setup =
        fabric.setup(
            network.block(), network.inputShape(), Adam.builder().learningRate(lr).build());
    FabricDataLoader train = loader(fabric, shards, "train", true);
    FabricDataLoader test = loader(fabric, shards, "test", false);
    double accuracy = 0;
    for (int epoch = 1; epoch <= epochs; epoch++) {
      long start = System.nanoTime();
      double[] loss = train(fabric, setup, train);
      double seconds = (System.nanoTime() - start) / 1e9;
      accuracy = mean(test(fabric, setup.block(), test));
      fabric.print(
          String.format(
              Locale.ROOT,
              "epoch %2d  loss %.4f  accuracy %5.2f %%  %,7.0f samples/s",
              epoch,
              mean(loss),
              100 * accuracy,
              loss[1] / seconds));
      fabric.save(
          checkpoint,
          Map.of("model", setup.block(), "optimizer", setup.optimizer(), "epoch", epoch));
    }
    return accuracy;
  }

  private FabricDataLoader loader(Fabric fabric, Shards shards, String input, boolean shuffle) {
    RandomAccessDataset rows =
        shards.get(input).dataset(List.of(Digit.IMAGE), List.of(Digit.LABEL));
    return fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(batchSize).shuffle(shuffle));
  }

  /** Trains one epoch and returns the loss summed over all ranks' images, and their number. */
  private static double[] train(Fabric fabric, FabricSetup setup, FabricDataLoader loader) {
    Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
    FabricOptimizer optimizer = setup.optimizer();
    double[] sum = new double[2];
    for (FabricBatch batch : loader) {
      optimizer.zeroGrad();
      NDArray loss =
          crossEntropy.evaluate(batch.getLabels(), setup.block().forward(batch.getData()));
      fabric.backward(loss);
      optimizer.step();
      sum[0] += loss.getFloat() * batch.getSize();
      sum[1] += batch.getSize();
    }
    return sumOverRanks(fabric, sum);
  }

  /** Returns the number of images recognised on all ranks, and their number. */
  private static double[] test(Fabric fabric, FabricBlock block, FabricDataLoader loader) {
    double[] sum = new double[2];
    for (FabricBatch batch : loader) {
      if (!batch.isFiller()) {
        NDArray guesses = block.evaluate(batch.getData()).singletonOrThrow().argMax(1);
        NDArray hits = guesses.eq(batch.getLabels().singletonOrThrow());
        sum[0] += hits.toType(DataType.INT64, false).sum().getLong();
        sum[1] += batch.getSize();
      }
    }
    return sumOverRanks(fabric, sum);
  }

  private static double[] sumOverRanks(Fabric fabric, double[] values) {
    try (NDArray array = fabric.manager().create(values)) {
      fabric.processGroup().allReduce(array, ReduceOp.SUM).waitFor();
      return array.toDoubleArray();
    }
  }

  private static double mean(double[] sumAndCount) {
    return sumAndCount[0] / sumAndCount[1];
  }
}

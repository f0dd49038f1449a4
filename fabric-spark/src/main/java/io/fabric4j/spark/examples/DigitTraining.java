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
import io.fabric4j.FabricRun;
import io.fabric4j.FabricSetup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.optim.Adam;
import io.fabric4j.spark.ShardFunction;
import io.fabric4j.spark.Shards;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The training loop, which runs on every rank.
 *
 * @param lr learning rate
 * @param checkpoint file for the trained network
 */
record DigitTraining(
    DigitNetwork network, int epochs, int batchSize, double lr, long seed, String checkpoint)
    implements ShardFunction<Double> {
  private static final String ACCURACY = "accuracy";

  /** Returns the accuracy on the test images. */
  @Override
  public Double run(Fabric fabric, Shards shards) throws IOException {
    fabric.seedEverything(seed);
    FabricSetup setup =
        fabric.setup(
            network.block(), network.inputShape(), Adam.builder().learningRate(lr).build());
    FabricDataLoader train = loader(fabric, shards, "train", true);
    FabricDataLoader test = loader(fabric, shards, "test", false);
    Map<String, Object> state =
        new HashMap<>(Map.of("model", setup.block(), "optimizer", setup.optimizer()));
    FabricRun run = fabric.resume(state);
    if (run.step() > 0) {
      fabric.print("Resumed after step " + run.step());
    }
    for (int epoch : run.epochs(epochs)) {
      long start = System.nanoTime();
      double[] loss = train(fabric, setup, run, train);
      double seconds = (System.nanoTime() - start) / 1e9;
      double accuracy = mean(test(fabric, setup.block(), test));
      run.metric(ACCURACY, accuracy);
      fabric.log(ACCURACY, accuracy, run.step());
      fabric.print(
          String.format(
              Locale.ROOT,
              "epoch %2d  loss %.4f  accuracy %5.2f %%  %,7.0f samples/s",
              epoch + 1,
              mean(loss),
              100 * accuracy,
              loss[1] / seconds));
    }
    fabric.save(checkpoint, state);
    return run.metric(ACCURACY).orElseThrow();
  }

  private FabricDataLoader loader(Fabric fabric, Shards shards, String input, boolean shuffle) {
    RandomAccessDataset rows =
        shards.get(input).dataset(List.of(Digit.IMAGE), List.of(Digit.LABEL));
    return fabric.setupDataloaders(FabricDataLoader.of(rows).batchSize(batchSize).shuffle(shuffle));
  }

  /**
   * Trains an epoch, or what is left of it, and returns the loss summed over all ranks' images, and
   * their number.
   */
  private static double[] train(
      Fabric fabric, FabricSetup setup, FabricRun run, FabricDataLoader loader) {
    Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
    FabricOptimizer optimizer = setup.optimizer();
    double[] sum = new double[2];
    for (FabricBatch batch : run.iterate(loader)) {
      optimizer.zeroGrad();
      NDArray loss =
          crossEntropy.evaluate(batch.getLabels(), setup.block().forward(batch.getData()));
      fabric.backward(loss);
      optimizer.step();
      float value = loss.getFloat();
      sum[0] += value * batch.getSize();
      sum[1] += batch.getSize();
      run.stepDone();
      fabric.log("loss", value, run.step());
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

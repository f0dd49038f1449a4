package io.fabric4j.spark.internal.ui;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricFunction;
import io.fabric4j.FabricScheduler;
import io.fabric4j.FabricSetup;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.optim.LearningRateSchedule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.apache.spark.TaskContext;

/**
 * Trains until a file appears. Its first attempt dies with rank 1's process, and the last rank is
 * slow.
 *
 * @param folder of checkpoints
 * @param failingEpoch of the first attempt
 * @param metric name of one that is logged
 */
record WatchedTraining(String stop, String folder, int failingEpoch, String metric)
    implements FabricFunction<Integer> {
  static final String HOSTILE =
      "<script>window.hacked = 'metric'</script><img src=x onerror=hacked=1>";

  private static final int ROWS = 4000;
  private static final int COLUMNS = 8;
  private static final int BATCH = 50;
  private static final int STEPS = 4000;
  private static final int MAX_EPOCHS = 400;
  private static final int SLOWER_MILLIS = 12;

  @Override
  public Integer run(Fabric fabric) throws Exception {
    boolean isFirst = TaskContext.get().stageAttemptNumber() == 0;
    fabric.seedEverything(7);
    SequentialBlock network =
        new SequentialBlock()
            .add(Linear.builder().setUnits(64).build())
            .add(Activation::relu)
            .add(Linear.builder().setUnits(1).build());
    FabricSetup setup =
        fabric.setup(network, new Shape(1, COLUMNS), AdamW.builder().learningRate(2e-4f).build());
    FabricScheduler schedule = setup.optimizer().schedule(LearningRateSchedule.cosine(STEPS, 0.1));
    FabricDataLoader loader =
        fabric.setupDataloaders(
            FabricDataLoader.of(sums(fabric.manager())).batchSize(BATCH).shuffle(true));
    Loss l2 = Loss.l2Loss();
    int step = 0;
    for (int epoch = 0; epoch < MAX_EPOCHS && !stopped(fabric); epoch++) {
      if (isFirst && epoch == failingEpoch && fabric.globalRank() == 1) {
        Runtime.getRuntime().halt(1);
      }
      for (FabricBatch batch : loader) {
        setup.optimizer().zeroGrad();
        NDArray outputs = setup.block().forward(batch.getData()).singletonOrThrow();
        NDArray loss = l2.evaluate(batch.getLabels(), new NDList(outputs));
        slow(fabric);
        fabric.backward(loss);
        fabric.clipGradients(setup.optimizer(), GradientClipping.byNorm(5));
        setup.optimizer().step();
        schedule.step();
        fabric.log("train/loss", loss, step++);
      }
      double validation = validationLoss(fabric, setup, l2);
      double accuracy = 1 / (1 + validation);
      fabric.logDict(
          Map.of(
              "validation/loss", validation, "accuracy", accuracy, metric, Math.sqrt(validation)),
          step);
      fabric.save(folder + "/epoch-" + epoch + ".safetensors", Map.of("model", setup.block()));
    }
    return step;
  }

  /** Rows of numbers, to be added up. */
  private static ArrayDataset sums(NDManager manager) {
    Random random = new Random(7);
    float[] data = new float[ROWS * COLUMNS];
    float[] labels = new float[ROWS];
    for (int i = 0; i < data.length; i++) {
      data[i] = random.nextFloat();
      labels[i / COLUMNS] += data[i];
    }
    return new ArrayDataset.Builder()
        .setData(manager.create(data, new Shape(ROWS, COLUMNS)))
        .optLabels(manager.create(labels, new Shape(ROWS, 1)))
        .setSampling(BATCH, false)
        .build();
  }

  private static double validationLoss(Fabric fabric, FabricSetup setup, Loss loss) {
    try (NDManager scratch = fabric.manager().newSubManager()) {
      NDArray data = scratch.ones(new Shape(1, COLUMNS)).mul(0.7f);
      NDArray labels = scratch.ones(new Shape(1, 1)).mul(0.7f * COLUMNS);
      return loss.evaluate(new NDList(labels), new NDList(setup.block().evaluate(data))).getFloat();
    }
  }

  private static void slow(Fabric fabric) throws InterruptedException {
    Thread.sleep(fabric.globalRank() == fabric.worldSize() - 1 ? SLOWER_MILLIS : 1);
  }

  private boolean stopped(Fabric fabric) {
    return fabric.broadcast(Files.exists(Path.of(stop)));
  }
}

package io.fabric4j.benchmark;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.optim.Adam;
import java.util.Arrays;

/**
 * Time of one training step (MLP 784-512-256-10, Adam, batch 64, one thread, denormal numbers
 * flushed for all) on Fabric, with DJL's Trainer, and of forward and backward alone; rounds
 * alternate, medians are printed. Run:
 *
 * <pre>{@code mvn -q -pl fabric-core -Pbench test-compile exec:exec}</pre>
 */
public final class StepBenchmark {
  private static final int ROUNDS = 9;
  private static final int STEPS = 200;
  private static final int BATCH = 64;

  private static final float LEARNING_RATE = 1e-3f;

  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  private StepBenchmark() {}

  public static void main(String[] args) {
    try (Fabric fabric = Fabric.builder().threads(1).flushDenormals(true).build();
        Model model = Model.newInstance("mlp");
        Trainer trainer = trainer(model)) {
      Block bare = mlp();
      bare.initialize(fabric.manager(), DataType.FLOAT32, new Shape(BATCH, 784));
      FabricSetup setup =
          fabric.setup(
              mlp(), new Shape(BATCH, 784), Adam.builder().learningRate(LEARNING_RATE).build());
      ParameterStore store = new ParameterStore(fabric.manager(), false);
      Rows rows = new Rows(fabric.manager());
      double[][] times = new double[3][ROUNDS];
      for (int round = -2; round < ROUNDS; round++) {
        double[] now = {
          time(() -> bareStep(fabric, bare, store, rows)),
          time(() -> fabricStep(fabric, setup, rows)),
          time(() -> trainerStep(trainer, rows))
        };
        for (int i = 0; i < 3 && round >= 0; i++) {
          times[i][round] = now[i];
        }
      }
      print(median(times[0]), median(times[1]), median(times[2]));
    }
  }

  private static void print(double bare, double fabric, double trainer) {
    System.out.println("| step | us | of forward + backward |");
    System.out.println("| --- | ---: | ---: |");
    System.out.printf("| forward + backward | %.0f | 1.00 |%n", bare);
    System.out.printf("| Fabric step | %.0f | %.2f |%n", fabric, fabric / bare);
    System.out.printf("| DJL Trainer step | %.0f | %.2f |%n", trainer, trainer / bare);
  }

  private static void bareStep(Fabric fabric, Block block, ParameterStore store, Rows rows) {
    try (NDManager manager = fabric.manager().newSubManager()) {
      NDList outputs = block.forward(store, rows.images(manager), true);
      Autograd.backward(LOSS.evaluate(rows.labels(manager), outputs), 1);
    }
  }

  private static void fabricStep(Fabric fabric, FabricSetup setup, Rows rows) {
    try (NDManager manager = fabric.manager().newSubManager()) {
      setup.optimizer().zeroGrad();
      NDList outputs = setup.block().forward(rows.images(manager));
      fabric.backward(LOSS.evaluate(rows.labels(manager), outputs));
      setup.optimizer().step();
    }
  }

  private static void trainerStep(Trainer trainer, Rows rows) {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList outputs = trainer.forward(rows.images(manager));
        collector.backward(LOSS.evaluate(rows.labels(manager), outputs));
      }
      trainer.step();
    }
  }

  private static Trainer trainer(Model model) {
    model.setBlock(mlp());
    Optimizer adam = Optimizer.adam().optLearningRateTracker(Tracker.fixed(LEARNING_RATE)).build();
    Trainer trainer = model.newTrainer(new DefaultTrainingConfig(LOSS).optOptimizer(adam));
    trainer.initialize(new Shape(BATCH, 784));
    return trainer;
  }

  private static Block mlp() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(256).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }

  private static double time(Runnable step) {
    long start = System.nanoTime();
    for (int i = 0; i < STEPS; i++) {
      step.run();
    }
    return (System.nanoTime() - start) / 1e3 / STEPS;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  /** Random rows, in batches. */
  private static final class Rows {
    private static final int BATCHES = 100;
    private final NDArray images;
    private final NDArray labels;
    private int step;

    Rows(NDManager manager) {
      images = manager.randomUniform(0, 1, new Shape((long) BATCHES * BATCH, 784));
      labels = manager.randomInteger(0, 10, new Shape((long) BATCHES * BATCH), DataType.INT64);
    }

    NDList images(NDManager manager) {
      return slice(manager, images);
    }

    NDList labels(NDManager manager) {
      NDList batch = slice(manager, labels);
      step++;
      return batch;
    }

    private NDList slice(NDManager manager, NDArray all) {
      long start = (long) step % BATCHES * BATCH;
      return new NDList(all.get(manager, new NDIndex().addSliceDim(start, start + BATCH)));
    }
  }
}

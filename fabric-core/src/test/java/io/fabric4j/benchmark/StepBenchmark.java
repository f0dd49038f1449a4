package io.fabric4j.benchmark;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import io.fabric4j.Fabric;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.RawStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Time of a training step with Adam, one thread per rank, denormal numbers flushed for all, the
 * mean cross-entropy of class indices. On one rank: forward and backward alone, a loop written by
 * hand against libtorch, Fabric, and DJL's Trainer. On two: Fabric's ddp beside two runs that know
 * nothing of each other, as threads and as processes. All of a table take turns; medians, of times
 * and of the ratios within a round, are printed as Markdown. Run:
 *
 * <pre>{@code bench/cpu/run steps}</pre>
 */
public final class StepBenchmark {
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  private StepBenchmark() {}

  public static void main(String[] args) throws Exception {
    System.out.println("## Steps\n");
    System.out.println(
        "| one rank | forward + backward | libtorch by hand | Fabric | DJL Trainer |"
            + " Fabric / by hand | Trainer / Fabric |");
    System.out.println("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (StepModel model : StepModel.values()) {
      System.out.println(alone(model));
    }
    System.out.println();
    System.out.println("| two ranks | ranks are | two single ranks | ddp | ddp / single |");
    System.out.println("| --- | --- | ---: | ---: | ---: |");
    Path folder = Files.createTempDirectory("steps");
    for (StepModel model : StepModel.values()) {
      System.out.println(together(model, "threads", TwoRanks.asThreads(model)));
      System.out.println(together(model, "processes", TwoRanks.asProcesses(model, folder)));
    }
  }

  private static String alone(StepModel model) {
    try (Fabric fabric = Fabric.builder().threads(1).flushDenormals(true).build();
        Model djl = Model.newInstance("djl");
        Trainer trainer = trainer(djl, model)) {
      StepRows rows = new StepRows(model, fabric.manager());
      FabricStep step = new FabricStep(fabric, model, rows);
      Block bare = model.block();
      bare.initialize(fabric.manager(), DataType.FLOAT32, rows.data().getShape());
      ParameterStore store = new ParameterStore(fabric.manager(), false);
      trainer.initialize(rows.data().getShape());
      try (RawStep raw = new RawStep(model.raw(), rows.data(), rows.labels(), model.rows())) {
        double[][] times =
            StepTimes.alternate(
                model.steps(),
                () -> {},
                () -> bareStep(fabric, bare, store, rows),
                raw::run,
                step::run,
                () -> trainerStep(trainer, rows));
        return row(model.title(), times);
      }
    }
  }

  private static String row(String title, double[][] times) {
    return String.format(
        Locale.ROOT,
        "| %s | %.0f us | %.0f us | %.0f us | %.0f us | %.2f | %.2f |",
        title,
        Results.median(times[0]),
        Results.median(times[1]),
        Results.median(times[2]),
        Results.median(times[3]),
        StepTimes.ratio(times[2], times[1]),
        StepTimes.ratio(times[3], times[2]));
  }

  private static String together(StepModel model, String kind, double[] times) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %.0f us | %.0f us | %.2f |",
        model.title(),
        kind,
        times[0],
        times[1],
        times[2]);
  }

  private static void bareStep(Fabric fabric, Block block, ParameterStore store, StepRows rows) {
    try (NDManager manager = fabric.manager().newSubManager()) {
      NDList outputs = block.forward(store, rows.batch(manager), true);
      Autograd.backward(LOSS.evaluate(rows.batchLabels(manager), outputs), 1);
      rows.next();
    }
  }

  private static void trainerStep(Trainer trainer, StepRows rows) {
    try (NDManager manager = trainer.getManager().newSubManager()) {
      try (GradientCollector collector = trainer.newGradientCollector()) {
        NDList outputs = trainer.forward(rows.batch(manager));
        collector.backward(LOSS.evaluate(rows.batchLabels(manager), outputs));
      }
      trainer.step();
      rows.next();
    }
  }

  private static Trainer trainer(Model djl, StepModel model) {
    djl.setBlock(model.block());
    Optimizer adam =
        Optimizer.adam().optLearningRateTracker(Tracker.fixed(FabricStep.LEARNING_RATE)).build();
    return djl.newTrainer(new DefaultTrainingConfig(LOSS).optOptimizer(adam));
  }
}

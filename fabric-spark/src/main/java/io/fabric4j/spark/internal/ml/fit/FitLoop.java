package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricBlock;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.FabricException;
import io.fabric4j.FabricOptimizer;
import io.fabric4j.FabricRun;
import io.fabric4j.FabricSetup;
import io.fabric4j.NoBackwardSync;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.optim.GradientClipping;
import io.fabric4j.spark.internal.ml.TrainedNetwork;
import io.fabric4j.spark.ml.NetworkSignature;
import io.fabric4j.spark.ml.TrainingEpoch;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.TaskContext;

/** The epochs of a fit on one rank. */
final class FitLoop {
  private static final int VALIDATION_ROWS = 1024;
  private static final String HISTORY = "history";

  private final Fabric fabric;
  private final FabricBlock block;
  private final FabricOptimizer optimizer;
  private final FitPlan.Training training;
  private final Objective objective;
  private final Validation validation;
  private final History history;
  private final Map<String, Object> best = new HashMap<>();

  FitLoop(Fabric fabric, FabricSetup setup, FitPlan plan, Objective objective) {
    this.fabric = fabric;
    this.objective = objective;
    block = setup.block();
    optimizer = setup.optimizer();
    training = plan.training();
    validation = new Validation(fabric, block, objective, new Measures(plan));
    history = new History(training.tol());
  }

  FitResult run(RankRows rows, NetworkSignature signature) throws IOException {
    int ranks = fabric.worldSize();
    int share = (training.batchSize() + ranks - 1) / ranks;
    FabricDataLoader train =
        fabric.setupDataloaders(
            FabricDataLoader.of(rows.train()).batchSize(share).shuffle(training.shuffle()));
    FabricDataLoader test = rows.validation() == null ? null : loader(rows.validation());
    Map<String, Object> state = new HashMap<>();
    state.put("model", block);
    state.put("optimizer", optimizer);
    state.put(HISTORY, "[]");
    if (test != null) {
      keepWeights();
      state.put("best", best);
    }
    FabricRun run = fabric.resume(state);
    history.addAll((String) state.get(HISTORY));
    boolean stopped = history.isStale(training.earlyStoppingRounds());
    if (!stopped) {
      stopped = train(run, state, train, test);
    }
    return new FitResult(
        signature,
        weights(test != null),
        history.epochs(),
        history.best(),
        stopped,
        rows.trainRows(),
        rows.validationRows());
  }

  private FabricDataLoader loader(RandomAccessDataset dataset) {
    return fabric.setupDataloaders(FabricDataLoader.of(dataset).batchSize(VALIDATION_ROWS));
  }

  /** Returns whether training ended before its last epoch. */
  private boolean train(
      FabricRun run, Map<String, Object> state, FabricDataLoader train, FabricDataLoader test) {
    fabric.call("onTrainStart", fabric, block);
    for (int epoch : run.epochs(training.maxIter())) {
      fabric.call("onTrainEpochStart", epoch);
      boolean better = history.add(epoch(run, epoch, train, test));
      if (better && test != null) {
        keepWeights();
      }
      state.put(HISTORY, history.toJson());
      fabric.call("onTrainEpochEnd", epoch);
      if (history.isStale(training.earlyStoppingRounds())) {
        return true;
      }
    }
    return false;
  }

  private TrainingEpoch epoch(
      FabricRun run, int epoch, FabricDataLoader train, FabricDataLoader test) {
    long start = System.nanoTime();
    try (EpochSums sums = new EpochSums(fabric, objective)) {
      steps(run, train, sums);
      double seconds = slowest((System.nanoTime() - start) / 1e9);
      double[] totals = sums.total();
      Map<String, Double> trained = new LinkedHashMap<>();
      trained.put(History.LOSS, totals[0]);
      requireFinite(epoch, totals[0]);
      start = System.nanoTime();
      Map<String, Double> validated = test == null ? Map.of() : validation.run(test);
      double validationSeconds = test == null ? 0 : slowest((System.nanoTime() - start) / 1e9);
      TrainingEpoch result =
          new TrainingEpoch(
              epoch, trained, validated, (long) totals[1], seconds, validationSeconds);
      log(run, result);
      return result;
    }
  }

  private double slowest(double seconds) {
    return fabric.worldSize() == 1 ? seconds : fabric.allReduce(seconds, ReduceOp.MAX);
  }

  private void requireFinite(int epoch, double loss) {
    if (Double.isNaN(loss) || Double.isInfinite(loss)) {
      throw new IllegalStateException(
          "The training loss of epoch "
              + epoch
              + " is "
              + loss
              + ". Lower stepSize, set gradientClip, or look for values in the features that are"
              + " NaN, infinite or far too large.");
    }
  }

  private void log(FabricRun run, TrainingEpoch epoch) {
    Map<String, Double> values = new LinkedHashMap<>();
    epoch.train().forEach((name, value) -> values.put("train_" + name, value));
    epoch.validation().forEach((name, value) -> values.put("validation_" + name, value));
    values.forEach(run::metric);
    fabric.logDict(values, epoch.epoch());
    if (training.printEpochs()) {
      fabric.print("epoch " + (epoch.epoch() + 1) + "/" + training.maxIter() + " " + values);
    }
  }

  private void steps(FabricRun run, FabricDataLoader train, EpochSums sums) {
    long last = train.length() - 1;
    int inWindow = 0;
    int window = training.accumulateSteps();
    long step = 0;
    for (FabricBatch batch : run.iterate(train)) {
      stopIfKilled();
      if (inWindow == 0) {
        optimizer.zeroGrad();
        window = (int) Math.min(training.accumulateSteps(), last - step + 1);
      }
      inWindow++;
      boolean ends = inWindow == window;
      backward(batch, window, ends, sums);
      if (ends) {
        update();
        inWindow = 0;
      }
      run.stepDone();
      step++;
    }
  }

  private void backward(FabricBatch batch, int window, boolean ends, EpochSums sums) {
    try (NoBackwardSync accumulating = fabric.noBackwardSync(block, !ends)) {
      NDList outputs = block.forward(batch.getData());
      NDList labels = objective.labels(batch);
      NDArray weights = objective.weights(batch);
      NDArray rows = objective.toFollow(labels, outputs);
      double weight = batch.getSize();
      if (weights != null && !batch.isFiller()) {
        weight = weights.sum().getFloat();
      }
      NDArray loss = objective.mean(batch, rows, weights, weight);
      fabric.backward(window == 1 ? loss : loss.div(window));
      if (!batch.isFiller()) {
        sums.add(batch.getSize(), weight, new Rows(labels, outputs, weights, rows));
      }
    }
  }

  /**
   * The arrays of a batch, after its forward.
   *
   * @param weights null if all rows weigh 1
   * @param followed loss of each row whose gradient was followed
   */
  record Rows(NDList labels, NDList outputs, NDArray weights, NDArray followed) {}

  private void update() {
    if (training.gradientClip() > 0) {
      fabric.clipGradients(optimizer, GradientClipping.byNorm(training.gradientClip()));
    }
    optimizer.step();
  }

  /** A single rank makes no calls that would notice. */
  private static void stopIfKilled() {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      throw new FabricException("Spark killed the task while it trained.");
    }
  }

  private void keepWeights() {
    for (Map.Entry<String, Object> entry : block.stateDict().entrySet()) {
      NDArray source = (NDArray) entry.getValue();
      NDArray copy = (NDArray) best.get(entry.getKey());
      if (copy == null) {
        NDArray own = source.duplicate();
        own.attach(fabric.manager());
        best.put(entry.getKey(), own);
      } else {
        FlatTensor.copy(copy, source);
      }
    }
  }

  private byte[] weights(boolean ofBest) {
    Map<String, Object> weights = ofBest ? best : block.stateDict();
    return fabric.isGlobalZero() ? TrainedNetwork.weightsOf(weights) : new byte[0];
  }
}

package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.GraphedBackward;
import io.fabric4j.internal.torch.CudaRuntime;
import io.fabric4j.optim.OptimizerConfig;

/** A training step on one batch, which stays on the device. */
final class TrainingStep implements AutoCloseable {
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  private final Fabric fabric;
  private final NDManager manager;
  private final NDArray data;
  private final NDArray labels;
  private final FabricSetup setup;
  private final GraphedBackward graphed;

  /**
   * Sets a model up on a rank, which takes its part of the global batch.
   *
   * @param rows of the global batch, a multiple of the number of ranks
   * @param graph whether forward and backward are a CUDA graph
   */
  TrainingStep(
      Fabric fabric, BenchmarkModel model, int rows, OptimizerConfig optimizer, boolean graph) {
    this.fabric = fabric;
    fabric.seedEverything(1);
    manager = fabric.manager().newSubManager();
    data = part(fabric, model.data(manager, rows));
    labels = part(fabric, model.labels(manager, rows));
    setup = fabric.setup(model.block(), data.getShape(), optimizer);
    graphed = graph ? fabric.graph((d, l) -> LOSS.evaluate(l, setup.block().forward(d))) : null;
  }

  private static NDArray part(Fabric fabric, NDArray rows) {
    long size = rows.size(0) / fabric.worldSize();
    long first = fabric.globalRank() * size;
    return rows.get(first + ":" + (first + size)).duplicate();
  }

  FabricSetup setup() {
    return setup;
  }

  void run() {
    try (NDManager scope = manager.newSubManager()) {
      setup.optimizer().zeroGrad();
      NDList inputs = new NDList(data.duplicate());
      inputs.attach(scope);
      if (graphed == null) {
        NDList outputs = setup.block().forward(inputs);
        fabric.backward(LOSS.evaluate(new NDList(labels), outputs));
      } else {
        graphed.backward(inputs, new NDList(labels));
      }
      setup.optimizer().step();
    }
  }

  /** Returns the microseconds of one of several steps. */
  double time(int steps) {
    synchronize();
    long start = System.nanoTime();
    for (int i = 0; i < steps; i++) {
      run();
    }
    synchronize();
    return (System.nanoTime() - start) / 1e3 / steps;
  }

  private void synchronize() {
    if (fabric.device().isGpu()) {
      CudaRuntime.synchronize();
    }
  }

  /** Returns the loss on this rank's rows. */
  float loss() {
    try (NDArray loss =
        LOSS.evaluate(new NDList(labels), setup.block().evaluate(new NDList(data)))) {
      return loss.getFloat();
    }
  }

  @Override
  public void close() {
    if (graphed != null) {
      graphed.close();
    }
    manager.close();
  }
}

package io.fabric4j.benchmark;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.loss.Loss;
import io.fabric4j.Fabric;
import io.fabric4j.FabricSetup;
import io.fabric4j.nn.CrossEntropyLoss;
import io.fabric4j.optim.Adam;

/** A model on a rank, trained as the documentation says. */
final class FabricStep {
  static final float LEARNING_RATE = 1e-3f;
  private static final Loss LOSS = new CrossEntropyLoss();

  private final Fabric fabric;
  private final FabricSetup setup;
  private final StepRows rows;

  FabricStep(Fabric fabric, StepModel model, StepRows rows) {
    this.fabric = fabric;
    this.rows = rows;
    Shape shape = rows.data().getShape();
    setup = fabric.setup(model.block(), shape, Adam.builder().learningRate(LEARNING_RATE).build());
  }

  void run() {
    try (NDManager manager = fabric.manager().newSubManager()) {
      setup.optimizer().zeroGrad();
      NDList outputs = setup.block().forward(rows.batch(manager));
      fabric.backward(LOSS.evaluate(rows.batchLabels(manager), outputs));
      setup.optimizer().step();
      rows.next();
    }
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.training.loss.Loss;

/** Learns a function of the numbers of {@link NumberedRows} from sines of them. */
final class SineRegression {
  static final Shape INPUT = new Shape(1, 16);
  private static final Loss LOSS = Loss.l2Loss();

  private SineRegression() {}

  /** Returns a network, with dropout unless the rate is 0. */
  static SequentialBlock block(float dropout) {
    SequentialBlock block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(32).build())
            .add(Activation.reluBlock());
    if (dropout > 0) {
      block.add(Dropout.builder().optRate(dropout).build());
    }
    return block.add(Linear.builder().setUnits(1).build());
  }

  /** Does a step and returns its loss, which belongs to the batch. */
  static NDArray step(Fabric fabric, FabricSetup setup, FabricBatch batch) {
    NDArray frequencies = batch.getManager().arange(1f, 17f).mul(0.37f);
    NDArray input = batch.getData().singletonOrThrow().mul(frequencies).sin();
    NDArray label = batch.getData().singletonOrThrow().mul(0.9f).cos();
    setup.optimizer().zeroGrad();
    NDArray loss = LOSS.evaluate(new NDList(label), new NDList(setup.block().forward(input)));
    fabric.backward(loss);
    setup.optimizer().step();
    return loss;
  }
}

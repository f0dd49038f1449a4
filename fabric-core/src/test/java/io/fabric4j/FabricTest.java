package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.SGD;
import org.junit.jupiter.api.Test;

class FabricTest {

  @Test
  void trainsOnOneDevice() {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(1);
      FabricSetup setup =
          fabric.setup(mlp(), new Shape(1, 8), AdamW.builder().learningRate(1e-2).build());
      NDArray x = fabric.manager().randomNormal(new Shape(100, 8));
      NDArray y = x.sum(new int[] {1}).gt(0).toType(ai.djl.ndarray.types.DataType.INT64, false);
      ArrayDataset dataset =
          new ArrayDataset.Builder().setData(x).optLabels(y).setSampling(10, false).build();
      FabricDataLoader loader =
          fabric.setupDataloaders(FabricDataLoader.of(dataset).batchSize(16).shuffle(true));
      Loss loss = Loss.softmaxCrossEntropyLoss();
      float last = Float.NaN;
      float first = Float.NaN;
      for (int epoch = 0; epoch < 30; epoch++) {
        for (FabricBatch batch : loader) {
          setup.optimizer().zeroGrad();
          NDList out = setup.block().forward(batch.getData());
          NDArray value = loss.evaluate(batch.getLabels(), out);
          fabric.backward(value);
          setup.optimizer().step();
          last = value.getFloat();
          if (Float.isNaN(first)) {
            first = last;
          }
        }
      }
      assertThat(last).isLessThan(first / 4);
    }
  }

  @Test
  void requiresLaunchWithSeveralDevices() {
    try (Fabric fabric = Fabric.builder().devices(2).build()) {
      assertThatThrownBy(() -> fabric.setup(mlp(), new Shape(1, 8), SGD.builder().build()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "setup was called before launch, but 2 devices were chosen. Call it on the Fabric"
                  + " that launch passes to the function.");
    }
  }

  private static Block mlp() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(16).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(2).build());
  }
}

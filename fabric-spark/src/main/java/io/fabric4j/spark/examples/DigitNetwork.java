package io.fabric4j.spark.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.io.Serializable;

/** Recipe of a network from gray values of shape (batch, rows * cols) to 10 scores. */
record DigitNetwork(MnistOptions.Model model, int rows, int cols) implements Serializable {
  private static final float MEAN = 0.13f;
  private static final float DEVIATION = 0.31f;
  private static final int CLASSES = 10;

  Shape inputShape() {
    return new Shape(1, (long) rows * cols);
  }

  Block block() {
    SequentialBlock block = new SequentialBlock().add(new LambdaBlock(this::normalize));
    return model == MnistOptions.Model.MLP ? addMlp(block) : addCnn(block);
  }

  /** Turns gray values into numbers of about mean 0 and deviation 1, as (batch, 1, rows, cols). */
  private NDList normalize(NDList images) {
    NDArray gray = images.singletonOrThrow().toType(DataType.FLOAT32, false);
    NDArray scaled = gray.div(255).sub(MEAN).div(DEVIATION);
    return new NDList(scaled.reshape(-1, 1, rows, cols));
  }

  private static Block addMlp(SequentialBlock block) {
    return block
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(256).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(CLASSES).build());
  }

  private static Block addCnn(SequentialBlock block) {
    return block
        .add(convolution(16))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(convolution(32))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(128).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(CLASSES).build());
  }

  private static Block convolution(int filters) {
    return Conv2d.builder()
        .setKernelShape(new Shape(5, 5))
        .optPadding(new Shape(2, 2))
        .setFilters(filters)
        .build();
  }
}

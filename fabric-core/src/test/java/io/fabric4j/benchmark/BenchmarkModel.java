package io.fabric4j.benchmark;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import io.fabric4j.nn.MultiHeadAttention;
import io.fabric4j.nn.TransformerEncoderLayer;
import java.util.Random;

/** A classifier of random rows. */
enum BenchmarkModel {
  /** 784-512-256-10. */
  MLP(64, 200) {
    @Override
    Block block() {
      return mlp();
    }

    @Override
    NDArray data(NDManager manager, int rows) {
      return uniform(manager, new Shape(rows, 784));
    }
  },

  /** Two 5x5 convolutions, 3136-512-10. */
  CNN(256, 100) {
    @Override
    Block block() {
      return cnn();
    }

    @Override
    NDArray data(NDManager manager, int rows) {
      return uniform(manager, new Shape(rows, 1, 28, 28));
    }
  },

  /** Six causal encoder layers, 512 wide, that predict a token per token. */
  TRANSFORMER(16, 20) {
    @Override
    Block block() {
      return transformer();
    }

    @Override
    NDArray data(NDManager manager, int rows) {
      return integers(manager, VOCABULARY, new Shape(rows, TOKENS));
    }

    @Override
    NDArray labels(NDManager manager, int rows) {
      return integers(manager, VOCABULARY, new Shape((long) rows * TOKENS));
    }
  };

  private static final int VOCABULARY = 8192;
  private static final int TOKENS = 256;

  private final int rows;
  private final int steps;

  BenchmarkModel(int rows, int steps) {
    this.rows = rows;
    this.steps = steps;
  }

  /** Returns the rows of a batch. */
  int rows() {
    return rows;
  }

  /** Returns how many steps take a time worth measuring. */
  int steps() {
    return steps;
  }

  abstract Block block();

  abstract NDArray data(NDManager manager, int rows);

  NDArray labels(NDManager manager, int rows) {
    return integers(manager, 10, new Shape(rows));
  }

  /** Equal on all ranks: the ranks of a process share libtorch's generator. */
  static NDArray uniform(NDManager manager, Shape shape) {
    float[] values = new float[(int) shape.size()];
    Random random = new Random(1);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    return manager.create(values, shape);
  }

  static NDArray integers(NDManager manager, int bound, Shape shape) {
    return manager.create(new Random(2).longs(shape.size(), 0, bound).toArray(), shape);
  }

  private static Block mlp() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(256).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }

  private static Block cnn() {
    return new SequentialBlock()
        .add(convolution(32))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(convolution(64))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(512).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }

  private static Block convolution(int filters) {
    return Conv2d.builder()
        .setKernelShape(new Shape(5, 5))
        .optPadding(new Shape(2, 2))
        .setFilters(filters)
        .build();
  }

  private static Block transformer() {
    SequentialBlock block =
        new SequentialBlock()
            .add(new TokenEmbedding(VOCABULARY, 512))
            .add(new PositionEmbedding(TOKENS, 512));
    for (int layer = 0; layer < 6; layer++) {
      block.add(
          new TransformerEncoderLayer(
              MultiHeadAttention.builder(512, 8).causal().build(), 2048, 0));
    }
    return block
        .add(Linear.builder().setUnits(VOCABULARY).build())
        .add(LambdaBlock.singleton(logits -> logits.reshape(-1, VOCABULARY)));
  }
}

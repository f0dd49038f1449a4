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
import io.fabric4j.internal.torch.RawModel;
import io.fabric4j.internal.torch.RawModels;
import io.fabric4j.nn.MultiHeadAttention;
import io.fabric4j.nn.TransformerEncoderLayer;

/** A small classifier as a DJL block and as bare calls of libtorch, with random rows for both. */
enum StepModel {
  /** 784-512-256-10. */
  MLP("MLP 784-512-256-10", 64, 100) {
    @Override
    Block block() {
      return BenchmarkModel.MLP.block();
    }

    @Override
    RawModel raw() {
      return RawModels.mlp();
    }

    @Override
    NDArray data(NDManager manager, int count) {
      return BenchmarkModel.MLP.data(manager, count);
    }
  },

  /** LeNet-5 with ReLU and maxima. */
  CNN("CNN, LeNet-5", 64, 40) {
    @Override
    Block block() {
      return lenet();
    }

    @Override
    RawModel raw() {
      return RawModels.lenet();
    }

    @Override
    NDArray data(NDManager manager, int count) {
      return BenchmarkModel.CNN.data(manager, count);
    }
  },

  /** Two encoder layers, 128 wide, that tell ten kinds of sequences apart. */
  TRANSFORMER("Transformer, 2 layers", 16, 15) {
    @Override
    Block block() {
      return encoder();
    }

    @Override
    RawModel raw() {
      return RawModels.encoder(LAYERS, VOCABULARY, TOKENS, SIZE, HEADS, HIDDEN, 10);
    }

    @Override
    NDArray data(NDManager manager, int count) {
      return BenchmarkModel.integers(manager, VOCABULARY, new Shape(count, TOKENS));
    }
  };

  private static final int LAYERS = 2;
  private static final int VOCABULARY = 10_000;
  private static final int TOKENS = 32;
  private static final int SIZE = 128;
  private static final int HEADS = 4;
  private static final int HIDDEN = 512;

  private final String title;
  private final int rows;
  private final int steps;

  StepModel(String title, int rows, int steps) {
    this.title = title;
    this.rows = rows;
    this.steps = steps;
  }

  String title() {
    return title;
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

  /** Returns the model without DJL, initialised. */
  abstract RawModel raw();

  abstract NDArray data(NDManager manager, int count);

  /** Returns a label per row. */
  NDArray labels(NDManager manager, int count) {
    return BenchmarkModel.integers(manager, 10, new Shape(count));
  }

  private static Block lenet() {
    return new SequentialBlock()
        .add(convolution(6, 2))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(convolution(16, 0))
        .add(Activation.reluBlock())
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(120).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(84).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(10).build());
  }

  private static Block convolution(int filters, int padding) {
    return Conv2d.builder()
        .setKernelShape(new Shape(5, 5))
        .optPadding(new Shape(padding, padding))
        .setFilters(filters)
        .build();
  }

  private static Block encoder() {
    SequentialBlock block =
        new SequentialBlock()
            .add(new TokenEmbedding(VOCABULARY, SIZE))
            .add(new PositionEmbedding(TOKENS, SIZE));
    for (int layer = 0; layer < LAYERS; layer++) {
      block.add(
          new TransformerEncoderLayer(MultiHeadAttention.builder(SIZE, HEADS).build(), HIDDEN, 0));
    }
    return block
        .add(LambdaBlock.singleton(states -> states.mean(new int[] {1})))
        .add(Linear.builder().setUnits(10).build());
  }
}

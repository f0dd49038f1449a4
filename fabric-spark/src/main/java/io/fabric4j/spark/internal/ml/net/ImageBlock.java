package io.fabric4j.spark.internal.ml.net;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.Collections;
import java.util.List;

/**
 * Convolutions that halve an image until its shorter side has at most 7 pixels, and two linear
 * layers. Images come as (rows, height, width, channels) in one way or another.
 */
public final class ImageBlock extends AbstractBlock implements StandardizedInputs, ScaledOutputs {
  private static final byte VERSION = 1;
  private static final int FIRST_FILTERS = 16;
  private static final int MOST_FILTERS = 128;
  private static final int SMALL_SIDE = 7;
  private static final int UNITS = 128;

  private final long height;
  private final long width;
  private final long channels;
  private final Standardize standardize;
  private final Block layers;
  private final int outputs;
  private final Standardize scale;

  private ImageBlock(long[] size, int outputs, boolean quantities) {
    super(VERSION);
    height = size[0];
    width = size[1];
    channels = size[2];
    this.outputs = outputs;
    standardize = addChildBlock("standardize", new Standardize(new Shape(channels, 1, 1)));
    layers = addChildBlock("layers", sequence());
    scale = quantities ? addChildBlock("scale", new Standardize(new Shape(outputs))) : null;
  }

  /**
   * Creates a block.
   *
   * @param size height, width and channels
   * @param outputs values of its output
   * @param quantities whether they are quantities, which have a mean and a deviation
   */
  public static ImageBlock create(long[] size, int outputs, boolean quantities) {
    return new ImageBlock(size, outputs, quantities);
  }

  private SequentialBlock sequence() {
    SequentialBlock block = new SequentialBlock();
    int filters = FIRST_FILTERS;
    for (long side = Math.min(height, width); side > SMALL_SIDE; side /= 2) {
      block
          .add(convolution(filters))
          .add(Activation.reluBlock())
          .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
      filters = Math.min(MOST_FILTERS, 2 * filters);
    }
    return block
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(UNITS).build())
        .add(Activation.reluBlock())
        .add(Linear.builder().setUnits(outputs).build());
  }

  private static Block convolution(int filters) {
    return Conv2d.builder()
        .setKernelShape(new Shape(5, 5))
        .optPadding(new Shape(2, 2))
        .setFilters(filters)
        .build();
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... shapes) {
    Shape image = new Shape(1, channels, height, width);
    standardize.initialize(manager, type, image);
    layers.initialize(manager, type, image);
    if (scale != null) {
      scale.initialize(manager, type, new Shape(1, outputs));
    }
  }

  @Override
  public List<Standardize> layers() {
    return List.of(standardize);
  }

  @Override
  public List<Standardize> scales() {
    return Collections.singletonList(scale);
  }

  @Override
  public NDArray values(int layer, NDList inputs) {
    return inputs.singletonOrThrow().reshape(-1, height * width, channels);
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray pixels = inputs.singletonOrThrow();
    NDArray images =
        channels == 1
            ? pixels.reshape(-1, 1, height, width)
            : pixels.reshape(-1, height, width, channels).transpose(0, 3, 1, 2);
    NDList standardized = standardize.forward(store, new NDList(images), training);
    NDList values = layers.forward(store, standardized, training);
    return scale == null ? values : scale.forward(store, values, training);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] shapes) {
    return new Shape[] {new Shape(shapes[0].get(0), outputs)};
  }
}

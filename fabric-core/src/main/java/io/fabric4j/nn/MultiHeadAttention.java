package io.fabric4j.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.fabric4j.internal.torch.Attention;

/**
 * Self-attention of several heads: {@code softmax(q k^T / sqrt(size / heads)) v} of a projected
 * input, projected again, as {@code torch.nn.MultiheadAttention} with {@code batch_first} computes
 * it. It uses libtorch's fused kernels. Where those do not exist (float64 on a GPU, dropout on a
 * CPU), memory grows with the square of the sequence.
 *
 * <p>The parameters are torch's under DJL's names: {@code in_proj_weight} and {@code in_proj_bias}
 * for query, key and value, {@code 01out_proj_weight} and {@code 01out_proj_bias}; {@link
 * io.fabric4j.LoadOptions#rename(java.util.Map)} maps torch's to them. Initial values are those of
 * DJL's initializers.
 *
 * <p>One input of {@code (batch, sequence, size)}, an output of the same shape. There is no padding
 * mask.
 */
public final class MultiHeadAttention extends AbstractBlock {
  private static final byte VERSION = 1;

  private final int size;
  private final int heads;
  private final double dropout;
  private final boolean causal;
  private final Parameter weight;
  private final Parameter bias;
  private final Linear output;

  private MultiHeadAttention(Builder builder) {
    super(VERSION);
    size = builder.size;
    heads = builder.heads;
    dropout = builder.dropout;
    causal = builder.causal;
    weight = add("in_proj_weight", Parameter.Type.WEIGHT, new Shape(3L * size, size));
    bias = add("in_proj_bias", Parameter.Type.BIAS, new Shape(3L * size));
    output = addChildBlock("out_proj", Linear.builder().setUnits(size).build());
  }

  private Parameter add(String name, Parameter.Type type, Shape shape) {
    return addParameter(Parameter.builder().setName(name).setType(type).optShape(shape).build());
  }

  /**
   * Returns a builder.
   *
   * @param size of a row, a multiple of the heads
   * @param heads at least 1
   * @throws IllegalArgumentException if they do not fit
   */
  public static Builder builder(int size, int heads) {
    return new Builder(size, heads);
  }

  int size() {
    return size;
  }

  static double checkDropout(double probability) {
    if (probability >= 0 && probability < 1) {
      return probability;
    }
    throw new IllegalArgumentException(
        "dropout is " + probability + ". Choose a probability from 0 to less than 1.");
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray input = inputs.singletonOrThrow();
    NDArray projected =
        Linear.linear(
                input,
                store.getValue(weight, input.getDevice(), training),
                store.getValue(bias, input.getDevice(), training))
            .singletonOrThrow();
    long batch = input.getShape().get(0);
    long rows = input.getShape().get(1);
    NDList parts =
        projected.reshape(batch, rows, 3, heads, size / heads).transpose(2, 0, 3, 1, 4).split(3, 0);
    NDArray attended =
        Attention.scaledDotProduct(
            parts.get(0).squeeze(0),
            parts.get(1).squeeze(0),
            parts.get(2).squeeze(0),
            training ? dropout : 0,
            causal);
    NDArray merged = attended.transpose(0, 2, 1, 3).reshape(batch, rows, size);
    return output.forward(store, new NDList(merged), training);
  }

  @Override
  protected void beforeInitialize(Shape... inputShapes) {
    Shape rows = inputShapes[0];
    if (rows.dimension() != 3 || rows.get(2) != size) {
      throw new IllegalArgumentException(
          "An input of shape "
              + rows
              + " does not fit attention over rows of "
              + size
              + ". Pass (batch, sequence, "
              + size
              + ").");
    }
    super.beforeInitialize(inputShapes);
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    output.initialize(manager, type, inputShapes[0]);
  }

  /** Builds a {@link MultiHeadAttention}. */
  public static final class Builder {
    private final int size;
    private final int heads;
    private double dropout;
    private boolean causal;

    private Builder(int size, int heads) {
      if (heads < 1 || size < 1 || size % heads != 0) {
        throw new IllegalArgumentException(
            "A row of " + size + " cannot be split into " + heads + " heads of equal size.");
      }
      this.size = size;
      this.heads = heads;
    }

    /**
     * Sets the probability of dropping a weight in training, 0 by default.
     *
     * @throws IllegalArgumentException unless it is at least 0 and less than 1
     */
    public Builder dropout(double probability) {
      dropout = checkDropout(probability);
      return this;
    }

    /** Lets a row attend to itself and earlier rows only. */
    public Builder causal() {
      causal = true;
      return this;
    }

    /** Returns the block. */
    public MultiHeadAttention build() {
      return new MultiHeadAttention(this);
    }
  }
}

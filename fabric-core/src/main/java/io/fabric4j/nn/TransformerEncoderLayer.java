package io.fabric4j.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;

/**
 * Self-attention and a feed-forward network with ReLU, each with a residual connection and layer
 * normalisation behind it, as {@code torch.nn.TransformerEncoderLayer} with {@code batch_first} and
 * its other defaults. The parameters are named in DJL's way, for example {@code
 * 01self_attn_01out_proj_weight} for torch's {@code self_attn.out_proj.weight} and {@code
 * 04norm1_gamma} for {@code norm1.weight}; {@link io.fabric4j.LoadOptions#rename(java.util.Map)}
 * maps torch's to them.
 *
 * <p>One input of {@code (batch, sequence, size)}, an output of the same shape. There is no padding
 * mask.
 */
public final class TransformerEncoderLayer extends AbstractBlock {
  private static final byte VERSION = 1;

  private final MultiHeadAttention attention;
  private final Block linear1;
  private final Block linear2;
  private final Block norm1;
  private final Block norm2;
  private final Block dropout;
  private final int hidden;

  /**
   * Creates a layer.
   *
   * @param attention used by this layer alone; its size is that of the rows, its dropout its own
   * @param hidden size within the feed-forward network, at least 1
   * @param dropout probability of dropping an element in training, behind the attention and both
   *     linear layers, at least 0 and less than 1; torch's default is 0.1
   * @throws IllegalArgumentException if hidden or dropout is out of range
   */
  public TransformerEncoderLayer(MultiHeadAttention attention, int hidden, float dropout) {
    super(VERSION);
    if (hidden < 1) {
      throw new IllegalArgumentException(
          "The feed-forward network's size is " + hidden + ". Choose at least 1.");
    }
    MultiHeadAttention.checkDropout(dropout);
    this.hidden = hidden;
    this.attention = addChildBlock("self_attn", attention);
    linear1 = addChildBlock("linear1", Linear.builder().setUnits(hidden).build());
    linear2 = addChildBlock("linear2", Linear.builder().setUnits(attention.size()).build());
    norm1 = addChildBlock("norm1", norm());
    norm2 = addChildBlock("norm2", norm());
    this.dropout = addChildBlock("dropout", Dropout.builder().optRate(dropout).build());
  }

  private static Block norm() {
    return LayerNorm.builder().axis(2).build();
  }

  @Override
  protected NDList forwardInternal(
      ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
    NDArray input = inputs.singletonOrThrow();
    NDArray attended = run(attention, input, store, training);
    NDArray mixed = run(norm1, input.add(drop(attended, store, training)), store, training);
    NDArray inner = Activation.relu(run(linear1, mixed, store, training));
    NDArray outer = run(linear2, drop(inner, store, training), store, training);
    return norm2.forward(store, new NDList(mixed.add(drop(outer, store, training))), training);
  }

  private NDArray drop(NDArray array, ParameterStore store, boolean training) {
    return run(dropout, array, store, training);
  }

  private static NDArray run(Block block, NDArray input, ParameterStore store, boolean training) {
    return block.forward(store, new NDList(input), training).singletonOrThrow();
  }

  @Override
  public Shape[] getOutputShapes(Shape[] inputShapes) {
    return new Shape[] {inputShapes[0]};
  }

  @Override
  protected void initializeChildBlocks(NDManager manager, DataType type, Shape... inputShapes) {
    Shape rows = inputShapes[0];
    attention.initialize(manager, type, rows);
    norm1.initialize(manager, type, rows);
    linear1.initialize(manager, type, rows);
    linear2.initialize(manager, type, rows.slice(0, 2).add(hidden));
    norm2.initialize(manager, type, rows);
    dropout.initialize(manager, type, rows);
  }
}

package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code torch.nn.functional.scaled_dot_product_attention}. */
public final class Attention {

  private Attention() {}

  /**
   * Returns {@code softmax(query key^T / sqrt(size)) value} in one fused kernel, within the graph.
   *
   * @param query shape {@code (batch, heads, rows, size)}; key and value likewise
   * @param dropout probability of dropping a weight
   * @param causal whether a row attends to itself and earlier rows only
   * @return of the query's shape and manager
   */
  public static NDArray scaledDotProduct(
      NDArray query, NDArray key, NDArray value, double dropout, boolean causal) {
    try (TensorOptional mask = new TensorOptional();
        DoubleOptional scale = new DoubleOptional()) {
      return Tensors.give(
          query.getManager(),
          torch.scaled_dot_product_attention(
              Tensors.borrow(query),
              Tensors.borrow(key),
              Tensors.borrow(value),
              mask,
              dropout,
              causal,
              scale,
              false));
    }
  }
}

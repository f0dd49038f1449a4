package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** libtorch's cross-entropy, which DJL puts together from six operations. */
public final class CrossEntropy {

  private CrossEntropy() {}

  /**
   * Returns the mean over all rows.
   *
   * @param logits shape {@code (rows, classes)}
   * @param labels class indices, as many as rows
   * @return a scalar of the logits' type and manager
   */
  public static NDArray mean(NDArray logits, NDArray labels) {
    try (Tensor rows = Tensors.borrow(labels).view(-1);
        Tensor indices = rows.to(ScalarType.Long)) {
      return Tensors.give(
          logits.getManager(), torch.cross_entropy_loss(Tensors.borrow(logits), indices));
    }
  }
}

package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.bytedeco.pytorch.Tensor;

/** Works on the calling thread's graph. */
public final class Autograd {

  private Autograd() {}

  /**
   * Adds {@code scale * d(loss)/d(leaf)} to the gradient of every leaf.
   *
   * @param loss one element that depends on a parameter
   * @param scale factor of every gradient
   * @throws IllegalArgumentException if the loss has several elements
   * @throws IllegalStateException if the loss depends on no parameter
   */
  public static void backward(NDArray loss, double scale) {
    checkDifferentiable(loss);
    try (NDManager manager = loss.getManager().newSubManager();
        NDArray full = manager.full(loss.getShape(), (float) scale);
        NDArray seed = Casts.toType(full, Casts.dataType(loss));
        GradMode mode = GradMode.enabled()) {
      JniUtils.backward((PtNDArray) loss, (PtNDArray) seed, false, false);
    }
  }

  /**
   * Returns a contiguous copy within the graph, owned by the array's manager. DJL's {@code
   * duplicate} leaves the graph.
   */
  public static NDArray copy(NDArray array) {
    try (Tensor dense = Tensors.borrow(array).contiguous()) {
      return Tensors.give(array.getManager(), dense.clone());
    }
  }

  private static void checkDifferentiable(NDArray loss) {
    Tensor tensor = Tensors.borrow(loss);
    if (tensor.numel() != 1) {
      throw new IllegalArgumentException(
          "backward needs a loss of one element, got shape "
              + loss.getShape()
              + ". Reduce it first, for example with loss.mean().");
    }
    if (!tensor.requires_grad()) {
      throw new IllegalStateException(
          "The loss depends on no parameter that requires a gradient. Compute it from the output of"
              + " the block's forward; evaluate and toType record no gradient.");
    }
  }
}

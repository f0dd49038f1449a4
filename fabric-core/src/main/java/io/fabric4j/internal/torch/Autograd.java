package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

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
    try (NDArray seed = seed(loss, scale)) {
      run(loss, seed);
    }
  }

  /**
   * Computes gradients as {@link #backward(NDArray, double)}, with a factor in memory that may
   * change between replays of a captured backward.
   *
   * @param scale a scalar on the loss's device
   */
  public static void backward(NDArray loss, NDArray scale) {
    checkDifferentiable(loss);
    Tensor target = Tensors.borrow(loss);
    try (Tensor typed = Tensors.borrow(scale).to(target.scalar_type());
        Tensor shaped = typed.expand_as(target);
        NDArray seed = Tensors.give(loss.getManager(), shaped.contiguous())) {
      run(loss, seed);
    }
  }

  private static void run(NDArray loss, NDArray seed) {
    try (GradMode mode = GradMode.enabled()) {
      JniUtils.backward((PtNDArray) loss, (PtNDArray) seed, false, false);
    }
  }

  private static NDArray seed(NDArray loss, double scale) {
    try (Scalar value = new Scalar(scale);
        GradMode mode = GradMode.disabled()) {
      return Tensors.give(loss.getManager(), torch.full_like(Tensors.borrow(loss), value));
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

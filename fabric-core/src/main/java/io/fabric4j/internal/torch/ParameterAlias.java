package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import org.bytedeco.pytorch.LongArrayRef;
import org.bytedeco.pytorch.Tensor;

/** Moves a parameter and its gradient into slices of flat buffers; its NDArray stays valid. */
public final class ParameterAlias {

  private ParameterAlias() {}

  /**
   * Copies the parameter's values into {@code data} and makes the parameter and its gradient views
   * of the two slices, with the parameter's shape and strides.
   *
   * @param parameter a dense array of {@code data.length()} elements
   * @param data where the values go
   * @param gradient where backward accumulates
   */
  public static void attach(NDArray parameter, FlatTensor data, FlatTensor gradient) {
    Tensor tensor = Tensors.borrow(parameter);
    try (GradMode mode = GradMode.disabled();
        Tensor values = shaped(data, tensor);
        Tensor gradients = shaped(gradient, tensor)) {
      values.copy_(tensor);
      tensor.set_data(values);
      tensor.mutable_grad().put(gradients);
    }
  }

  /** Returns whether the parameter's values are at an address. */
  public static boolean isAt(NDArray parameter, long address) {
    return Tensors.isOpen(parameter) && Tensors.borrow(parameter).data_ptr().address() == address;
  }

  /**
   * Gives the parameter memory of its own again, with its current values and no gradient; nothing
   * happens if it has been closed.
   */
  public static void detach(NDArray parameter) {
    if (!Tensors.isOpen(parameter)) {
      return;
    }
    Tensor tensor = Tensors.borrow(parameter);
    try (GradMode mode = GradMode.disabled();
        Tensor copy = tensor.detach();
        Tensor own = copy.clone();
        Tensor none = new Tensor()) {
      tensor.set_data(own);
      tensor.mutable_grad().put(none);
    }
  }

  static Tensor shaped(FlatTensor flat, Tensor like) {
    LongArrayRef sizes = like.sizes();
    if (like.is_contiguous() || !like.is_non_overlapping_and_dense()) {
      return flat.tensor().view(sizes);
    }
    return flat.tensor().as_strided(sizes, like.strides());
  }
}

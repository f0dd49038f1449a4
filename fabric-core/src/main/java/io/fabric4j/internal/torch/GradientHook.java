package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.VoidTensorHook;

/**
 * Calls a listener each time a parameter is about to receive a gradient. On CPU it runs on the
 * thread that called backward, on CUDA on autograd's device thread. The hook lives as long as this
 * object is reachable.
 */
public final class GradientHook implements AutoCloseable {
  private final NDArray parameter;
  private final Callback callback;
  private final int position;

  private GradientHook(NDArray parameter, Callback callback, int position) {
    this.parameter = parameter;
    this.callback = callback;
    this.position = position;
  }

  /**
   * Registers a listener.
   *
   * @param listener must not throw: an exception cannot cross native code
   */
  public static GradientHook register(NDArray parameter, Runnable listener) {
    Callback callback = new Callback(listener);
    Tensor tensor = Tensors.borrow(parameter);
    return new GradientHook(parameter, callback, tensor.register_hook(callback));
  }

  @Override
  public void close() {
    if (Tensors.isOpen(parameter)) {
      Tensors.borrow(parameter).remove_hook(position);
    }
    callback.close();
  }

  private static final class Callback extends VoidTensorHook {
    private final transient Runnable listener;

    Callback(Runnable listener) {
      this.listener = listener;
    }

    @Override
    public void call(TensorBase gradient) {
      // Otherwise the gradient's memory would only be free after a garbage collection.
      gradient.close();
      listener.run();
    }
  }
}

package io.fabric4j.internal.torch;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorBase;
import org.bytedeco.pytorch.TensorTensorHook;

/**
 * Replaces the gradients that reach arrays of a graph by what an editor makes of a copy of them.
 * The editor runs like {@link GradientHook}'s listener. This object has to stay open until the last
 * backward through the arrays has ended.
 */
public final class GradientEditor implements AutoCloseable {
  private final NDManager manager;
  private final Callback callback;

  /**
   * Creates an editor.
   *
   * @param edit changes a dense copy of the gradient in place; must not throw: an exception cannot
   *     cross native code
   */
  public GradientEditor(Consumer<NDArray> edit) {
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    callback = new Callback(manager, edit);
  }

  /** Edits the gradients of an array, if it belongs to a graph. */
  public void watch(NDArray array) {
    Tensor tensor = Tensors.borrow(array);
    if (tensor.requires_grad()) {
      tensor.register_hook(callback);
    }
  }

  @Override
  public void close() {
    callback.close();
    manager.close();
  }

  private static final class Callback extends TensorTensorHook {
    private final transient NDManager manager;
    private final transient Consumer<NDArray> edit;

    /** Native code copies the returned reference after the call: it stays open until the next. */
    private transient TensorBase returned;

    Callback(NDManager manager, Consumer<NDArray> edit) {
      this.manager = manager;
      this.edit = edit;
    }

    @Override
    public TensorBase call(TensorBase gradient) {
      release();
      try (gradient;
          Tensor original = new Tensor(gradient);
          Tensor detached = original.detach();
          Tensor dense = detached.contiguous()) {
        Tensor copy = dense.clone();
        try (NDArray array = Tensors.give(manager, copy.detach())) {
          edit.accept(array);
        }
        returned = copy;
        return copy;
      }
    }

    private void release() {
      if (returned != null) {
        returned.close();
        returned = null;
      }
    }

    @Override
    public void close() {
      release();
      super.close();
    }
  }
}

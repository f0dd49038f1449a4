package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** Images with the elements of a pixel side by side: torch's {@code channels_last}. */
public final class MemoryLayout {
  private static final int IMAGE_DIMENSIONS = 4;

  private MemoryLayout() {}

  /**
   * Returns an array of {@code (batch, channels, height, width)} in this layout, within the graph.
   *
   * @return the same array if it has it, or another number of dimensions
   */
  public static NDArray channelsLast(NDArray array) {
    Tensor tensor = Tensors.borrow(array);
    if (tensor.dim() != IMAGE_DIMENSIONS || isChannelsLast(tensor)) {
      return array;
    }
    NDArray result =
        Tensors.give(array.getManager(), tensor.contiguous(MemoryFormat.ChannelsLast.value));
    result.setName(array.getName());
    return result;
  }

  private static boolean isChannelsLast(Tensor tensor) {
    return tensor.is_contiguous(MemoryFormat.ChannelsLast);
  }

  /** Gives a parameter this layout in place; its NDArray stays valid. */
  public static void toChannelsLast(NDArray parameter) {
    Tensor tensor = Tensors.borrow(parameter);
    if (tensor.dim() == IMAGE_DIMENSIONS) {
      try (GradMode mode = GradMode.disabled();
          Tensor detached = tensor.detach();
          Tensor values = detached.contiguous(MemoryFormat.ChannelsLast.value)) {
        tensor.set_data(values);
      }
    }
  }
}

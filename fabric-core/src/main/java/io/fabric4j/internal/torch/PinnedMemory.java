package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;

/** Page-locked CPU memory, which a GPU reads by itself while the CPU goes on. */
public final class PinnedMemory {

  private PinnedMemory() {}

  /** Replaces the list's dense arrays in CPU memory by page-locked copies of the same managers. */
  public static void pin(NDList arrays) {
    NDList pageable = new NDList();
    for (int i = 0; i < arrays.size(); i++) {
      NDArray array = arrays.get(i);
      if (!array.getDevice().isGpu() && !array.isSparse()) {
        arrays.set(i, pinned(array));
        pageable.add(array);
      }
    }
    pageable.close();
  }

  private static NDArray pinned(NDArray array) {
    Tensor source = Tensors.borrow(array);
    NDArray result;
    if (source.is_non_overlapping_and_dense()) {
      result = Tensors.give(array.getManager(), source.pin_memory());
    } else {
      try (Tensor dense = source.contiguous()) {
        result = Tensors.give(array.getManager(), dense.pin_memory());
      }
    }
    result.setName(array.getName());
    return result;
  }

  /**
   * Returns copies of arrays in memory of a manager's GPU; an array that is there already is handed
   * over as it is. Copies from page-locked memory only start here: later operations of this thread
   * see their result, and the source must stay open and unchanged until then.
   */
  public static NDList copy(NDList arrays, NDManager manager) {
    NDList copies = new NDList();
    for (NDArray array : arrays) {
      copies.add(array.getDevice().equals(manager.getDevice()) ? array : startCopy(array, manager));
    }
    copies.attach(manager);
    return copies;
  }

  private static NDArray startCopy(NDArray array, NDManager manager) {
    Tensor source = Tensors.borrow(array);
    byte index = (byte) manager.getDevice().getDeviceId();
    try (Device device = new Device(DeviceType.CUDA.value, index)) {
      NDArray copy =
          Tensors.give(manager, source.to(device, source.scalar_type(), true, false, null));
      copy.setName(array.getName());
      return copy;
    }
  }
}

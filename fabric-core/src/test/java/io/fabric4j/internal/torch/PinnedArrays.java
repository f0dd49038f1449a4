package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;

/** What tests ask about arrays that {@link PinnedMemory} made. */
public final class PinnedArrays {

  private PinnedArrays() {}

  /** Returns whether the array is in page-locked memory. */
  public static boolean isPinned(NDArray array) {
    return Tensors.borrow(array).is_pinned();
  }
}

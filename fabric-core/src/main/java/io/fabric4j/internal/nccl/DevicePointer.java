package io.fabric4j.internal.nccl;

import io.fabric4j.internal.torch.FlatTensor;
import org.bytedeco.javacpp.Pointer;

/** The memory of an array, which the array owns. */
final class DevicePointer extends Pointer {
  DevicePointer(FlatTensor elements) {
    super((Pointer) null);
    address = elements.address();
  }
}

package io.fabric4j.internal.torch;

import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.LayoutOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** The step count that fused kernels read, on the device of the parameters. */
final class StepTensor {

  private StepTensor() {}

  static Tensor like(FlatTensor parameters) {
    try (ScalarTypeOptional type = new ScalarTypeOptional(ScalarType.Float);
        LayoutOptional layout = new LayoutOptional();
        DeviceOptional device = new DeviceOptional();
        BoolOptional pinned = new BoolOptional()) {
      return parameters.tensor().new_zeros(new long[0], type, layout, device, pinned);
    }
  }

  static void set(Tensor step, long count) {
    try (Scalar value = new Scalar((double) count)) {
      step.fill_(value);
    }
  }
}

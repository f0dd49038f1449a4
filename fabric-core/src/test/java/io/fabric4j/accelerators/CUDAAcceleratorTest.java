package io.fabric4j.accelerators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class CUDAAcceleratorTest {

  @Test
  void countsTheGpusOfThisProcess() {
    int count = CUDAAccelerator.deviceCount();

    assertThat(count).isNotNegative();
    if (count == 0) {
      assertThat(CUDAAccelerator.isAvailable()).isFalse();
    }
    for (int i = 0; i < count; i++) {
      assertThat(CUDAAccelerator.describe(Device.gpu(i))).startsWith("GPU " + i + " (");
    }
    assertThatThrownBy(() -> CUDAAccelerator.describe(Device.gpu(count)))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void describesTheCpu() {
    assertThat(CUDAAccelerator.describe(Device.cpu())).isEqualTo("cpu()");
  }
}

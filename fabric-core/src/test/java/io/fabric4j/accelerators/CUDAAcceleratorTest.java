package io.fabric4j.accelerators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.FabricException;
import io.fabric4j.internal.cuda.CudaDevice;
import io.fabric4j.internal.cuda.CudaDriver;
import io.fabric4j.internal.cuda.CudaHost;
import io.fabric4j.internal.torch.CudaBackend;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CUDAAcceleratorTest {
  private static final CudaHost THREE_GPUS =
      new CudaHost(
          new CudaDriver(
              12040,
              Stream.of(0, 1, 2)
                  .map(i -> new CudaDevice(i, "NVIDIA H100", "5a" + i, 1L << 36))
                  .toList(),
              ""),
          null,
          () -> new CudaBackend("/opt/libtorch", true, 12, true));

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

  @Test
  void findsGpusThatAreFree() {
    assertThat(CUDAAccelerator.findUsable(2, THREE_GPUS, gpu -> gpu != 0)).containsExactly(1, 2);
    assertThat(CUDAAccelerator.findUsable(1, THREE_GPUS, gpu -> true)).containsExactly(0);
    assertThat(CUDAAccelerator.findUsable(-1, THREE_GPUS, gpu -> gpu != 1)).containsExactly(0, 2);
    assertThat(CUDAAccelerator.findUsable(-1, THREE_GPUS, gpu -> false)).isEmpty();
  }

  @Test
  void tellsWhichGpusAreFreeIfThereAreTooFew() {
    assertThatThrownBy(() -> CUDAAccelerator.findUsable(3, THREE_GPUS, gpu -> gpu == 1))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith(
            "Only the GPUs [1] can be used now, but 3 were asked for: this process sees GPU 0")
        .hasMessageEndingWith("nvidia-smi shows which processes hold the others.");
    assertThatThrownBy(() -> CUDAAccelerator.findUsable(0, THREE_GPUS, gpu -> true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("count is 0. Ask for 1 GPU or more, or -1 for all.");
  }

  @Test
  void findsNoneWithoutADriver() {
    CudaHost none = new CudaHost(new CudaDriver(0, List.of(), "no driver"), null, () -> null);

    assertThatThrownBy(() -> CUDAAccelerator.findUsable(-1, none, gpu -> true))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith(
            "The accelerator 'cuda' is not available: no GPU is visible: no driver");
  }

  @GpuTest
  @Test
  void givesAFabricItsGpu() {
    int last = CUDAAccelerator.deviceCount() - 1;

    try (Fabric fabric = Fabric.builder().devices(List.of(last)).build()) {
      assertThat(fabric.device()).isEqualTo(Device.gpu(last));
      assertThat(fabric.manager().ones(new Shape(3)).sum().getFloat()).isEqualTo(3);
      assertThat(fabric.explain()).contains("device GPU " + last + " (");
    }
    assertThat(CUDAAccelerator.findUsable(-1)).contains(last);
    assertThatThrownBy(() -> Fabric.builder().devices(List.of(last + 1)).build())
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("devices is [" + (last + 1) + "], but this process sees GPU 0 (");
  }
}

package io.fabric4j.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.fabric4j.CapturedLog;
import io.fabric4j.Fabric;
import io.fabric4j.FabricException;
import io.fabric4j.FabricOptions;
import io.fabric4j.Launch;
import io.fabric4j.accelerators.CUDAAccelerator;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.cuda.CudaDevice;
import io.fabric4j.internal.cuda.CudaDriver;
import io.fabric4j.internal.cuda.CudaHost;
import io.fabric4j.internal.torch.CudaBackend;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeviceConnectorTest {
  private static final CudaBackend FOR_CUDA = new CudaBackend("/opt/libtorch", true, 12, true);
  private static final CudaBackend FOR_CPU = new CudaBackend("/opt/libtorch", false, 0, false);
  private static final RankInfo SECOND_OF_TWO = RankInfo.of(1, List.of("a", "a"));

  private static CudaHost host(int gpus, CudaBackend backend) {
    List<CudaDevice> devices =
        IntStream.range(0, gpus)
            .mapToObj(i -> new CudaDevice(i, "NVIDIA H100", i + "a0c4c1e-1111", 1L << 36))
            .toList();
    return new CudaHost(
        new CudaDriver(12040, devices, gpus == 0 ? "no driver" : ""), null, () -> backend);
  }

  private static Device device(String accelerator, String place, RankInfo rank, CudaHost host) {
    FabricOptions options = Fabric.builder().accelerator(accelerator).options();
    List<String> places = place.isEmpty() ? List.of() : List.of(place);
    return DeviceConnector.device(options.withDevices(places), rank, host);
  }

  private static List<String> devices(String accelerator, String choice, CudaHost host) {
    return DeviceConnector.devices(accelerator, DeviceChoice.of(choice), host);
  }

  @Test
  void knowsNamesInAnyCase() {
    assertThat(List.of("Auto", "CPU", "gpu", "CUDA"))
        .extracting(DeviceConnector::accelerator)
        .containsExactly("auto", "cpu", "cuda", "cuda");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceConnector.accelerator("tpu"))
        .withMessage("Unknown accelerator 'tpu'. Choose 'auto', 'cpu' or 'cuda' ('gpu').");
  }

  @Test
  void autoTakesAGpuIfThereIsOneForTheRank() {
    assertThat(device("auto", "", SECOND_OF_TWO, host(2, FOR_CUDA))).isEqualTo(Device.gpu(1));
    assertThat(device("auto", "", SECOND_OF_TWO, host(0, FOR_CUDA))).isEqualTo(Device.cpu());
    assertThat(devices("auto", "2", host(4, FOR_CUDA))).containsExactly("cuda:0", "cuda:1");
    assertThat(devices("auto", "auto", host(3, FOR_CUDA)))
        .containsExactly("cuda:0", "cuda:1", "cuda:2");
    assertThat(devices("auto", "3", host(0, FOR_CUDA))).containsExactly("cpu", "cpu", "cpu");
    assertThat(devices("auto", "auto", host(0, FOR_CUDA))).containsExactly("cpu");
  }

  @Test
  void autoTellsWhyItLeavesGpusAlone() {
    String wrongFlavor =
        CapturedLog.of(
            () -> {
              assertThat(device("auto", "", RankInfo.single(), host(1, FOR_CPU)))
                  .isEqualTo(Device.cpu());
              assertThat(device("auto", "", SECOND_OF_TWO, host(2, FOR_CPU)))
                  .isEqualTo(Device.cpu());
            });
    String tooFew =
        CapturedLog.of(
            () ->
                assertThat(devices("auto", "2", host(1, FOR_CUDA))).containsExactly("cpu", "cpu"));

    assertThat(wrongFlavor)
        .containsOnlyOnce(
            "The accelerator 'auto' chooses the CPU: the libtorch in /opt/libtorch was built for"
                + " CPUs, though this process sees GPU 0 (NVIDIA H100");
    assertThat(tooFew)
        .contains(
            "The accelerator 'auto' chooses the CPU: this process sees GPU 0 (NVIDIA H100, 64.0 GiB,"
                + " GPU-0a0c4c1e-1111), too few for 2 ranks.");
  }

  @Test
  void autoUsesTheGpuThatTheSchedulerGave() {
    assertThat(device("auto", "1", RankInfo.single(), host(2, FOR_CUDA))).isEqualTo(Device.gpu(1));
    assertThatThrownBy(() -> device("auto", "1", RankInfo.single(), host(2, FOR_CPU)))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith(
            "The accelerator 'cuda' is not available, though the rank was given GPU '1': the"
                + " libtorch in /opt/libtorch was built for CPUs");
  }

  @Test
  void cpuLeavesGpusAlone() {
    assertThat(device("cpu", "1", RankInfo.single(), host(2, FOR_CUDA))).isEqualTo(Device.cpu());
    assertThat(devices("cpu", "2", host(2, FOR_CUDA))).containsExactly("cpu", "cpu");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> devices("cpu", "0,1", host(2, FOR_CUDA)))
        .withMessage(
            "devices is [0, 1], which are GPUs, but the accelerator is 'cpu'. Give a number of"
                + " devices, or choose 'cuda'.");
  }

  @Test
  void cudaNeedsTheChosenGpus() {
    assertThat(devices("cuda", "3,1", host(4, FOR_CUDA))).containsExactly("cuda:3", "cuda:1");
    assertThatThrownBy(() -> devices("cuda", "2", host(1, FOR_CUDA)))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "devices is 2, but this process sees GPU 0 (NVIDIA H100, 64.0 GiB, GPU-0a0c4c1e-1111)."
                + " Choose among these, or the accelerator 'cpu'.");
    assertThatThrownBy(() -> devices("auto", "1,", host(1, FOR_CUDA)))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith("devices is [1], but this process sees GPU 0");
    assertThatThrownBy(() -> devices("auto", "0,", host(0, FOR_CUDA)))
        .isInstanceOf(FabricException.class)
        .hasMessageStartingWith(
            "The accelerator 'cuda' is not available: no GPU is visible: no driver;");
  }

  @Test
  void ranksOfAProcessGetTheDevicesOfTheList() {
    FabricOptions options = Fabric.builder().accelerator("cuda").options();

    assertThat(
            DeviceConnector.device(
                options.withDevices(List.of("cuda:3")), SECOND_OF_TWO, host(4, FOR_CUDA)))
        .isEqualTo(Device.gpu(3));
  }

  @Test
  void ranksCompareTheDevicesThatTheyFound() {
    List<Boolean> onGpus =
        Launch.onRanks(
            2,
            fabric -> {
              RankInfo rank = RankInfo.of(fabric.globalRank(), List.of("localhost", "localhost"));
              FabricOptions options = Fabric.builder().options();
              return DeviceConnector.device(options, rank, fabric.processGroup()).isGpu();
            });

    assertThat(onGpus)
        .containsOnly(CUDAAccelerator.isAvailable() && CUDAAccelerator.deviceCount() > 1);
  }
}

package io.fabric4j.internal.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.RankInfo;
import io.fabric4j.internal.torch.CudaBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaHostTest {
  private static final List<CudaDevice> GPUS = GpuAddressTest.DEVICES.subList(0, 2);
  private static final String SEEN =
      "this process sees GPU 0 (NVIDIA H100 PCIe, 64.0 GiB,"
          + " GPU-5a0c4c1e-1111-2222-3333-444455556666), GPU 1 (NVIDIA H100 PCIe, 64.0 GiB,"
          + " GPU-5a0d4c1e-1111-2222-3333-444455556666)";
  private static final RankInfo RANK = RankInfo.of(1, List.of("a", "a", "a", "b"));

  private static CudaHost host(String visible) {
    return new CudaHost(
        new CudaDriver(12040, GPUS, ""),
        visible,
        () -> new CudaBackend("/opt/libtorch", true, 12, true));
  }

  private static CudaHost host(CudaDriver driver, CudaBackend backend) {
    return new CudaHost(driver, null, () -> backend);
  }

  @Test
  void placesARankByItsAddress() {
    assertThat(host(null).device(RANK, "0")).isEqualTo(Device.gpu(0));
    assertThat(host("7,3").device(RANK, "3")).isEqualTo(Device.gpu(1));
    assertThat(host("7,3").device(RANK, "GPU-5a0c")).isEqualTo(Device.gpu(0));
    assertThat(host("7,3").device(RANK, "cuda:1")).isEqualTo(Device.gpu(1));
  }

  @Test
  void placesARankByItsLocalRank() {
    assertThat(host(null).device(RANK, "")).isEqualTo(Device.gpu(1));
    assertThat(host(null).device(RankInfo.single(), "")).isEqualTo(Device.gpu(0));
  }

  @Test
  void rejectsMoreLocalRanksThanGpus() {
    RankInfo third = RankInfo.of(2, List.of("a", "a", "a", "b"));

    assertThatThrownBy(() -> host(null).device(third, ""))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "[rank 2/4] Local rank 2 of 3 on host a has no GPU of its own: "
                + SEEN
                + ". Start at most 2 on this host, or choose 'cpu'.");
  }

  @Test
  void rejectsAnAddressThatItDoesNotSee() {
    assertThatThrownBy(() -> host("7,3").device(RANK, "0"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "[rank 1/4] The rank was given GPU '0', but "
                + SEEN
                + ", and CUDA_VISIBLE_DEVICES is '7,3'. A number counts the host's GPUs, so with"
                + " CUDA_VISIBLE_DEVICES it must be one of that list; a UUID such as GPU-5a0c4c1e"
                + " always works. Correct the discovery script"
                + " (spark.executor.resource.gpu.discoveryScript, on a standalone cluster"
                + " spark.worker.resource.gpu.discoveryScript).");
    assertThatThrownBy(() -> host(null).device(RankInfo.single(), "5"))
        .hasMessageStartingWith("The rank was given GPU '5', but this process sees GPU 0")
        .hasMessageContaining("CUDA_VISIBLE_DEVICES is not set.");
  }

  @Test
  void tellsThatNoGpuIsVisible() {
    CudaDriver none = new CudaDriver(12040, List.of(), "NVIDIA's driver shows no GPU");
    CudaHost masked =
        new CudaHost(
            none,
            "",
            () -> {
              throw new AssertionError("libtorch need not be loaded");
            });

    assertThat(masked.problem())
        .isEqualTo(
            "no GPU is visible: NVIDIA's driver shows no GPU; CUDA_VISIBLE_DEVICES is ''. Run"
                + " nvidia-smi as the user and in the container of this process.");
    assertThat(host(none, null).problem()).contains("CUDA_VISIBLE_DEVICES is not set.");
    assertThatThrownBy(() -> masked.device(RANK, "2"))
        .isInstanceOf(FabricException.class)
        .hasMessage(
            "[rank 1/4] The accelerator 'cuda' is not available, though the rank was given GPU '2':"
                + " "
                + masked.problem()
                + " To train without GPUs choose 'cpu'.");
    assertThatThrownBy(() -> masked.device(RankInfo.single(), ""))
        .hasMessage(
            "The accelerator 'cuda' is not available: "
                + masked.problem()
                + " To train without GPUs choose 'cpu'.");
  }

  @Test
  void tellsThatLibtorchIsForCpus() {
    CudaHost host =
        host(
            new CudaDriver(12040, GPUS, ""),
            new CudaBackend("/cache/pytorch/2.7.1-cpu-linux-x86_64", false, 0, false));

    assertThat(host.problem())
        .isEqualTo(
            "the libtorch in /cache/pytorch/2.7.1-cpu-linux-x86_64 was built for CPUs,"
                + " though "
                + SEEN
                + ". Set PYTORCH_LIBRARY_PATH to a CUDA libtorch, or replace pytorch-native-cpu on"
                + " the class path by pytorch-native-cu*, or leave it out and let DJL download the"
                + " one that PYTORCH_FLAVOR names, such as cu124.");
  }

  @Test
  void tellsThatTheDriverIsTooOldForLibtorch() {
    CudaHost host =
        host(
            new CudaDriver(11080, GPUS, ""),
            new CudaBackend("/opt/2.5.1-cu124-linux-x86_64", true, 12, false));

    assertThat(host.problem())
        .isEqualTo(
            "NVIDIA's driver runs CUDA up to 11.8, but the libtorch in"
                + " /opt/2.5.1-cu124-linux-x86_64 was built for CUDA 12. Update the driver, or"
                + " choose a libtorch for an older CUDA.");
  }

  @Test
  void acceptsAnOlderMinorVersionOfTheDriver() {
    assertThat(
            host(
                    new CudaDriver(12000, GPUS, ""),
                    new CudaBackend("/opt/2.5.1-cu124-linux-x86_64", true, 12, true))
                .problem())
        .isEmpty();
  }

  @Test
  void tellsThatLibtorchFindsNone() {
    CudaHost host =
        host(new CudaDriver(13000, GPUS, ""), new CudaBackend("/opt/libtorch", true, 0, false));

    assertThat(host.problem())
        .isEqualTo(
            "the CUDA libtorch in /opt/libtorch cannot use a GPU, though "
                + SEEN
                + ". Compare its CUDA version with the driver's, 13.0.");
  }
}

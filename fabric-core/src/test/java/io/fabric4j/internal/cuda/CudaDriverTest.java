package io.fabric4j.internal.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaDriverTest {
  @TempDir private Path folder;

  @Test
  void listsGpusAndMigSlices() {
    CudaDriver driver =
        CudaDriver.probe(
            FakeDriver.build(
                folder, 12040, 0, List.of("NVIDIA H100 PCIe", "NVIDIA A100 MIG 1g.5gb")));

    assertThat(driver.version()).isEqualTo(12040);
    assertThat(CudaDriver.text(driver.version())).isEqualTo("12.4");
    assertThat(driver.problem()).isEmpty();
    assertThat(driver.devices())
        .hasToString(
            "[GPU 0 (NVIDIA H100 PCIe, 40.0 GiB, GPU-5a000000-0000-0000-0000-000000000000), "
                + "GPU 1 (NVIDIA A100 MIG 1g.5gb, 80.0 GiB,"
                + " MIG-5a010101-0101-0101-0101-010101010101)]");
  }

  @Test
  void tellsThatThereIsNoDriver() {
    CudaDriver driver = CudaDriver.probe("libabsent-cuda.so.1");

    assertThat(driver.devices()).isEmpty();
    assertThat(driver.version()).isZero();
    assertThat(driver.problem())
        .isEqualTo("NVIDIA's driver library libabsent-cuda.so.1 is not installed or not visible");
  }

  @Test
  void tellsThatTheDriverShowsNoGpu() {
    assertThat(CudaDriver.probe(FakeDriver.build(folder, 12040, 0, List.of())).problem())
        .isEqualTo("NVIDIA's driver shows no GPU to this process");
    assertThat(CudaDriver.probe(FakeDriver.build(folder, 12040, 100, List.of())).problem())
        .isEqualTo("NVIDIA's driver answers cuInit with CUDA_ERROR_NO_DEVICE (100)");
  }

  @Test
  void tellsErrorsOfTheDriver() {
    CudaDriver driver = CudaDriver.probe(FakeDriver.build(folder, 12040, 4711, List.of("any")));

    assertThat(driver.devices()).isEmpty();
    assertThat(driver.version()).isEqualTo(12040);
    assertThat(driver.problem())
        .isEqualTo("NVIDIA's driver answers cuInit with an unknown error (4711)");
  }

  @Test
  void tellsThatTheDriverIsTooOldToNameItsGpus() {
    CudaDriver driver =
        CudaDriver.probe(FakeDriver.build(folder, 11030, 0, List.of("any"), "-DOLD"));

    assertThat(driver.problem())
        .isEqualTo(
            "NVIDIA's driver library has no cuDeviceGetUuid_v2, so it is older than CUDA 11.4");
  }
}

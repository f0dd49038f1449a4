package io.fabric4j.internal.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuAddressTest {
  static final List<CudaDevice> DEVICES =
      List.of(
          new CudaDevice(0, "NVIDIA H100 PCIe", "5a0c4c1e-1111-2222-3333-444455556666", 1L << 36),
          new CudaDevice(1, "NVIDIA H100 PCIe", "5a0d4c1e-1111-2222-3333-444455556666", 1L << 36),
          new CudaDevice(
              2, "NVIDIA A100 MIG 1g.5gb", "77777777-1111-2222-3333-444455556666", 5L << 30));

  @ParameterizedTest
  @CsvSource({
    "cuda:1, 1",
    "0, 0",
    "2, 2",
    "GPU-5a0d4c1e-1111-2222-3333-444455556666, 1",
    "GPU-5A0D, 1",
    "gpu-5a0c4c1e-1111, 0",
    "MIG-77777777-1111-2222-3333-444455556666, 2"
  })
  void findsWhatTheProcessSees(String address, int ordinal) {
    assertThat(find(null, address)).isEqualTo(ordinal);
  }

  @ParameterizedTest
  @CsvSource({
    "3",
    "cuda:3",
    "cuda:",
    "GPU-5a0",
    "GPU-",
    "GPU-99999999",
    "MIG-GPU-5a0c4c1e-1111-2222-3333-444455556666/1/0",
    "99999",
    "nvidia0",
    "-1"
  })
  void findsNothingElse(String address) {
    assertThat(find(null, address)).isEqualTo(-1);
  }

  @ParameterizedTest
  @CsvSource({
    "'6, 04,2', 6, 0",
    "'6, 04,2', 4, 1",
    "'6, 04,2', 2, 2",
    "'6, 04,2', 0, -1",
    "'6, 04,2', cuda:1, 1",
    "'6, 04,2', GPU-5a0c, 0",
    "'2,4,6,0', 0, -1",
    "'GPU-5a0c,GPU-5a0d,MIG-7777', 0, -1",
    "'GPU-5a0c,GPU-5a0d,MIG-7777', GPU-5a0d4c1e-1111-2222-3333-444455556666, 1"
  })
  void mapsTheHostsNumbersThroughTheMask(String visible, String address, int ordinal) {
    assertThat(find(visible, address)).isEqualTo(ordinal);
  }

  @Test
  void findsNothingWithoutGpus() {
    assertThat(new GpuAddress(List.of(), "").find("0")).isEmpty();
  }

  private static int find(String visible, String address) {
    return new GpuAddress(DEVICES, visible).find(address).map(CudaDevice::ordinal).orElse(-1);
  }
}

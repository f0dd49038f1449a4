package io.fabric4j.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceFlopsTest {

  @ParameterizedTest
  @CsvSource({
    "NVIDIA H200, BFLOAT16, 989.5e12",
    "NVIDIA H200 NVL, BFLOAT16, 835.5e12",
    "NVIDIA H100 80GB HBM3, FLOAT16, 989.5e12",
    "NVIDIA H100 PCIe, BFLOAT16, 756.5e12",
    "NVIDIA H100 NVL, FLOAT32, 60e12",
    "NVIDIA A100-SXM4-40GB, FLOAT64, 19.5e12",
    "NVIDIA A100 80GB PCIe, BFLOAT16, 312e12",
    "NVIDIA A10, FLOAT32, 31.2e12",
    "NVIDIA L4, BFLOAT16, 121e12",
    "NVIDIA L40, INT8, 362e12",
    "NVIDIA L40S, BFLOAT16, 362e12",
    "Tesla T4, FLOAT16, 65e12",
    "Tesla V100-SXM2-32GB, FLOAT32, 15.7e12",
    "Tesla V100-PCIE-32GB, FLOAT32, 14e12",
    "Tesla V100S-PCIE-32GB, FLOAT32, 16.4e12",
    "NVIDIA GeForce RTX 3090, FLOAT16, 71.2e12",
    "NVIDIA GeForce RTX 4090, FLOAT32, 82.6e12"
  })
  void knowsTheDensePeak(String deviceName, DataType dataType, double flops) {
    assertThat(DeviceFlops.peak(deviceName, dataType)).hasValue(flops);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"CocoNut", "NVIDIA H100", "NVIDIA GH200 480GB", "NVIDIA T400", "NVIDIA A10G"})
  void hasNoPeakForUnknownDevices(String deviceName) {
    assertThat(DeviceFlops.peak(deviceName, DataType.FLOAT32)).isEmpty();
  }

  @Test
  void hasNoPeakForTypesThatADeviceLacks() {
    assertThat(DeviceFlops.peak("Tesla T4", DataType.BFLOAT16)).isEmpty();
    assertThat(DeviceFlops.peak("NVIDIA A100-SXM4-40GB", DataType.INT64)).isEmpty();
    assertThat(DeviceFlops.tensorFloat32Peak("Tesla V100-SXM2-16GB")).isEmpty();
    assertThat(DeviceFlops.tensorFloat32Peak("NVIDIA A100-SXM4-40GB")).hasValue(156e12);
  }
}

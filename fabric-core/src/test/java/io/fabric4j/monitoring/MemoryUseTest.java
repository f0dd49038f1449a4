package io.fabric4j.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class MemoryUseTest {

  @Test
  void tellsTheMemoryOfTheProcess() {
    MemoryUse memory = MemoryUse.now(Device.cpu());

    assertThat(memory.heap()).isPositive().isLessThan(Runtime.getRuntime().maxMemory());
    assertThat(memory.process()).isBetween(10L << 20, 1L << 40);
    assertThat(memory.device()).isZero();
    assertThat(memory.deviceTotal()).isZero();
  }
}

package io.fabric4j.precision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  @Test
  void findsNamesAndAliases() {
    for (Precision precision : Precision.values()) {
      assertThat(Precision.of(precision.id())).isSameAs(precision);
    }
    assertThat(Precision.of("64")).isSameAs(Precision.TRUE_64);
    assertThat(Precision.of("32")).isSameAs(Precision.TRUE_32);
    assertThat(Precision.of("16")).isSameAs(Precision.MIXED_16);
    assertThat(Precision.of("BF16")).isSameAs(Precision.MIXED_BF16);
  }

  @Test
  void rejectsUnknownNames() {
    assertThatThrownBy(() -> Precision.of("8"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Unknown precision '8'. Supported: 32-true, 64-true, 16-true, bf16-true, 16-mixed,"
                + " bf16-mixed.");
  }

  @Test
  void becomesBf16OnCpu() {
    assertThat(Precision.MIXED_16.forDevice(Device.cpu())).isSameAs(Precision.MIXED_BF16);
    assertThat(Precision.MIXED_16.forDevice(Device.gpu())).isSameAs(Precision.MIXED_16);
    assertThat(Precision.TRUE_16.forDevice(Device.cpu())).isSameAs(Precision.TRUE_16);
  }
}

package io.fabric4j.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceChoiceTest {

  @Test
  void readsWords() {
    assertThat(DeviceChoice.of("auto")).isEqualTo(DeviceChoice.of(-1));
    assertThat(DeviceChoice.of("-1")).isEqualTo(DeviceChoice.of(-1));
    assertThat(DeviceChoice.of(" 3 ")).isEqualTo(DeviceChoice.of(3));
    assertThat(DeviceChoice.of("1, 3")).isEqualTo(DeviceChoice.of(List.of(1, 3)));
    assertThat(DeviceChoice.of("0,")).isEqualTo(DeviceChoice.of(List.of(0)));
  }

  @Test
  void countsGpusFromZero() {
    assertThat(DeviceChoice.of(2).gpus(4)).containsExactly(0, 1);
    assertThat(DeviceChoice.of(-1).gpus(3)).containsExactly(0, 1, 2);
    assertThat(DeviceChoice.of(List.of(3, 1)).gpus(4)).containsExactly(3, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "all", "1.5", "1;2", ",1", "1,,2", "cuda:1", "-2"})
  void rejectsOtherWords(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceChoice.of(text))
        .withMessage(
            "devices is '"
                + text
                + "'. Use 'auto', a number of devices, or numbers of GPUs such as '1,3'.");
  }

  @Test
  void rejectsNumbersOutOfRange() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceChoice.of("0"))
        .withMessage("devices is 0, but at least 1 device is needed, or -1 for all.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceChoice.of(-2))
        .withMessage("devices is -2, but at least 1 device is needed, or -1 for all.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceChoice.of(List.of()))
        .withMessage("devices is [], but numbers of GPUs are needed, from 0.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceChoice.of(List.of(1, -1)))
        .withMessage("devices is [1, -1], but numbers of GPUs are needed, from 0.");
  }

  @Test
  void rejectsTheSameGpuTwice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DeviceChoice.of("1,2,1"))
        .withMessage("devices is [1, 2, 1], but each rank needs a GPU of its own.");
  }
}

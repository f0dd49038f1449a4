package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StepTensorTest {

  @BeforeEach
  void load() {
    TorchLibrary.load();
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
  void isASinglePrecisionScalarBesideAnyParameters(DataType type) {
    try (FlatTensor parameters = FlatTensor.zeros(type, 3);
        Tensor step = StepTensor.like(parameters)) {
      assertThat(step.dim()).isZero();
      assertThat(Tensors.dataType(step)).isEqualTo(DataType.FLOAT32);
      assertThat(step.is_cpu()).isTrue();
      assertThat(step.item_double()).isZero();
      StepTensor.set(step, 16_777_216);
      assertThat(step.item_double()).isEqualTo(16_777_216);
    }
  }
}

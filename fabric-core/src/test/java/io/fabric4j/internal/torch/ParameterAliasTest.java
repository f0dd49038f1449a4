package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ParameterAliasTest {
  private NDManager manager;
  private GradMode mode;
  private FlatTensor data;
  private FlatTensor gradient;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    mode = GradMode.enabled();
    manager = NDManager.newBaseManager();
    data = FlatTensor.zeros(DataType.FLOAT32, 24);
    gradient = FlatTensor.zeros(DataType.FLOAT32, 24);
  }

  @AfterEach
  void close() {
    manager.close();
    data.close();
    gradient.close();
    mode.close();
  }

  private NDArray parameter() {
    return manager.arange(24f).reshape(2, 3, 2, 2);
  }

  private static NDArray trainable(NDArray array) {
    array.setRequiresGradient(true);
    return array;
  }

  private static float[] values(FlatTensor tensor) {
    float[] values = new float[(int) tensor.length()];
    tensor.bytes(0, values.length * 4).asFloatBuffer().get(values);
    return values;
  }

  private static long[] strides(NDArray array) {
    Tensor tensor = Tensors.borrow(array);
    long[] strides = new long[array.getShape().dimension()];
    for (int i = 0; i < strides.length; i++) {
      strides[i] = tensor.stride(i);
    }
    return strides;
  }

  @Test
  void sharesValuesWithTheFlatMemory() {
    NDArray parameter = trainable(parameter());
    float[] before = parameter.toFloatArray();
    ParameterAlias.attach(parameter, data, gradient);
    assertThat(parameter.toFloatArray()).isEqualTo(before);
    assertThat(values(data)).isEqualTo(before);
    assertThat(ParameterAlias.isAt(parameter, data.address())).isTrue();
    data.fill(7);
    assertThat(parameter.toFloatArray()).containsOnly(7);
    assertThat(parameter.hasGradient()).isTrue();
  }

  @Test
  void accumulatesGradientsInTheFlatMemory() {
    NDArray parameter = trainable(parameter());
    ParameterAlias.attach(parameter, data, gradient);
    long address = gradient.address();
    Autograd.backward(parameter.mul(2).sum(), 1);
    Autograd.backward(parameter.sum(), 1);
    assertThat(values(gradient)).containsOnly(3);
    assertThat(ParameterAlias.isAt(parameter.getGradient(), address)).isTrue();
    gradient.zero();
    assertThat(parameter.getGradient().toFloatArray()).containsOnly(0);
  }

  @Test
  void keepsTheStridesOfATransposedParameter() {
    checkStrides(manager.arange(24f).reshape(4, 6).transpose());
  }

  @Test
  void keepsTheStridesOfAChannelsLastParameter() {
    NDArray channelsLast = manager.arange(24f).reshape(2, 2, 2, 3).transpose(0, 3, 1, 2);
    checkStrides(channelsLast);
  }

  private void checkStrides(NDArray parameter) {
    trainable(parameter);
    long[] before = strides(parameter);
    NDArray values = parameter.duplicate();
    ParameterAlias.attach(parameter, data, gradient);
    assertThat(strides(parameter)).isEqualTo(before);
    assertThat(strides(parameter.getGradient())).isEqualTo(before);
    assertThat(parameter.toFloatArray()).isEqualTo(values.toFloatArray());
    Autograd.backward(parameter.mul(values).sum(), 1);
    assertThat(values(gradient)).isEqualTo(values(data));
  }

  @Test
  void makesAParameterWithGapsDense() {
    NDArray parameter = manager.arange(48f).reshape(24, 2).get(":, 0:1").reshape(24);
    trainable(parameter);
    float[] before = parameter.toFloatArray();
    ParameterAlias.attach(parameter, data, gradient);
    assertThat(parameter.toFloatArray()).isEqualTo(before);
    assertThat(values(data)).isEqualTo(before);
  }

  @Test
  void leavesOwnMemoryWithTheCurrentValues() {
    NDArray parameter = trainable(parameter());
    ParameterAlias.attach(parameter, data, gradient);
    data.fill(5);
    Autograd.backward(parameter.sum(), 1);
    ParameterAlias.detach(parameter);
    data.fill(9);
    data.close();
    gradient.close();
    assertThat(parameter.toFloatArray()).hasSize(24).containsOnly(5);
    assertThat(parameter.hasGradient()).isTrue();
    Autograd.backward(parameter.square().sum(), 1);
    assertThat(parameter.getGradient().toFloatArray()).containsOnly(10);
  }

  @Test
  void leavesClosedParametersAlone() {
    NDArray parameter = trainable(parameter());
    ParameterAlias.attach(parameter, data, gradient);
    parameter.close();
    assertThatCode(() -> ParameterAlias.detach(parameter)).doesNotThrowAnyException();
    assertThat(ParameterAlias.isAt(parameter, data.address())).isFalse();
  }

  @Test
  void attachesScalars() {
    NDArray scalar = trainable(manager.create(3f));
    try (FlatTensor value = data.slice(0, 1);
        FlatTensor slope = gradient.slice(0, 1)) {
      ParameterAlias.attach(scalar, value, slope);
    }
    assertThat(scalar.getShape()).isEqualTo(new Shape());
    Autograd.backward(scalar.square(), 1);
    assertThat(values(gradient)[0]).isEqualTo(6);
  }
}

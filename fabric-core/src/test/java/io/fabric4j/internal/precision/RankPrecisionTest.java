package io.fabric4j.internal.precision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.precision.GradScaler;
import io.fabric4j.precision.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankPrecisionTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @ParameterizedTest
  @EnumSource
  void convertsInputsAndOutputs(Precision precision) {
    DataType compute = precision.computeType() == null ? DataType.FLOAT32 : precision.computeType();
    NDArray ids = manager.arange(3);
    NDList inputs = new NDList(manager.ones(new Shape(2, 2)), ids.toType(DataType.INT64, false));
    NDList outputs =
        new RankPrecision(precision, Device.cpu(), null)
            .runForward(
                inputs,
                in -> {
                  assertThat(Casts.dataType(in.get(0))).isEqualTo(compute);
                  assertThat(in.get(1)).isSameAs(inputs.get(1));
                  NDArray product = in.get(0).matMul(in.get(0));
                  assertThat(Casts.dataType(product)).isEqualTo(compute);
                  return new NDList(product, in.get(1));
                });
    assertThat(Casts.dataType(outputs.get(0))).isEqualTo(DataType.FLOAT32);
    assertThat(outputs.get(0).toFloatArray()).containsExactly(2, 2, 2, 2);
    assertThat(outputs.get(1)).isSameAs(inputs.get(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"MIXED_16", "MIXED_BF16"})
  void seesUpdatedWeightsAfterTheContext(Precision precision) {
    NDArray weight = manager.ones(new Shape(2, 2));
    weight.setRequiresGradient(true);
    RankPrecision rank = new RankPrecision(precision, Device.cpu(), null);
    assertThat(product(rank, weight)).isEqualTo(2);
    NDArray changed = manager.full(new Shape(2, 2), 3f);
    FlatTensor.copy(weight, changed);
    assertThat(product(rank, weight)).isEqualTo(6);
  }

  private float product(RankPrecision rank, NDArray weight) {
    NDList input = new NDList(manager.ones(new Shape(2, 2)));
    return rank.runForward(input, in -> new NDList(in.get(0).matMul(weight))).get(0).getFloat(0, 0);
  }

  @Test
  void leavesAutocastAfterAnException() {
    RankPrecision rank = new RankPrecision(Precision.MIXED_BF16, Device.cpu(), null);
    assertThatThrownBy(
            () ->
                rank.runForward(
                    new NDList(),
                    in -> {
                      throw new IllegalStateException("stop");
                    }))
        .hasMessage("stop");
    NDArray ones = manager.ones(new Shape(2, 2));
    assertThat(Casts.dataType(ones.matMul(ones))).isEqualTo(DataType.FLOAT32);
  }

  @ParameterizedTest
  @EnumSource
  void initialisesBlocksInTheParameterType(Precision precision) {
    DataType type =
        precision.parameterType() == null ? DataType.FLOAT32 : precision.parameterType();
    Linear block = Linear.builder().setUnits(2).build();
    ModuleTypes.initModule(
        block, precision, ModuleTypes.InitialValues.EMPTY, manager, new Shape(1, 3));
    block
        .getParameters()
        .values()
        .forEach(parameter -> assertThat(Casts.dataType(parameter.getArray())).isEqualTo(type));
    NDArray tensor = ModuleTypes.initTensor(precision, manager, m -> m.ones(new Shape(1)));
    assertThat(Casts.dataType(tensor)).isEqualTo(type);
  }

  @Test
  void rejectsScalerOfOtherModes() {
    GradScaler scaler = GradScaler.builder().build();
    assertThatThrownBy(() -> new RankPrecision(Precision.MIXED_BF16, Device.cpu(), scaler))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A GradScaler was given with precision bf16-mixed, which does not scale the loss. Leave"
                + " it out, or choose 16-mixed on a GPU.");
  }

  @Test
  void noticesForeignBackward() {
    BackwardGuard guard = new BackwardGuard(true);
    guard.enter();
    guard.onGradient();
    guard.leave();
    guard.check("step");
    guard.onGradient();
    assertThatThrownBy(() -> guard.check("step"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "step found gradients that were not computed by fabric.backward. This precision or"
                + " strategy needs it: call fabric.backward(loss) instead of"
                + " GradientCollector.backward, after zeroGrad.");
    guard.reset();
    guard.check("step");
  }
}

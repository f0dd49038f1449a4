package io.fabric4j.internal.precision;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import io.fabric4j.internal.torch.TorchLibrary;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModuleTypesTest {

  @BeforeEach
  void load() {
    TorchLibrary.load();
  }

  private static Block block() {
    return new SequentialBlock()
        .add(Linear.builder().setUnits(3).build())
        .add(BatchNorm.builder().build());
  }

  private static List<NDArray> arrays(Block block) {
    return block.getParameters().values().stream().map(Parameter::getArray).toList();
  }

  private static List<float[]> values(Block block) {
    return arrays(block).stream().map(NDArray::toFloatArray).toList();
  }

  @Test
  void movingToTheDeviceOfABlockChangesNothing() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
      Block block = block();
      block.initialize(manager, DataType.FLOAT32, new Shape(2, 4));
      List<NDArray> before = arrays(block);
      List<float[]> values = values(block);
      List<Boolean> trainable = before.stream().map(NDArray::hasGradient).toList();
      ModuleTypes.moveBlock(block, Device.cpu());
      List<NDArray> after = arrays(block);
      for (int i = 0; i < before.size(); i++) {
        assertThat(after.get(i)).isSameAs(before.get(i));
        assertThat(after.get(i).toFloatArray()).isEqualTo(values.get(i));
      }
      assertThat(after.stream().map(NDArray::hasGradient)).isEqualTo(trainable);
    }
  }

  @Test
  void movingLeavesParametersWithoutValuesAlone() {
    Block block = block();
    ModuleTypes.moveBlock(block, Device.cpu());
    assertThat(block.getParameters().values()).noneMatch(Parameter::isInitialized);
  }
}

package io.fabric4j.internal.parameters;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.ParameterAlias;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.optim.AdamW;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.optim.ParameterGroup;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FlatParametersTest {
  private NDManager manager;
  private GradMode mode;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    mode = GradMode.enabled();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
    mode.close();
  }

  private FlatParameters flatten(Block block, OptimizerConfig... optimizers) {
    return FlatParameters.create(block, List.of(optimizers), manager, new SingleProcessGroup());
  }

  private static List<List<String>> names(FlatParameters flat) {
    return flat.groups().stream()
        .map(group -> group.slots().stream().map(ParameterSlot::name).toList())
        .toList();
  }

  private VectorBlock block(long... sizes) {
    VectorBlock block = new VectorBlock();
    for (int i = 0; i < sizes.length; i++) {
      block.with("p" + i, manager.ones(new Shape(sizes[i])));
    }
    return block;
  }

  @Test
  void separatesDataTypes() {
    VectorBlock block =
        block(3, 5)
            .with("d0", manager.ones(new Shape(4), DataType.FLOAT64))
            .with("d1", manager.ones(new Shape(9), DataType.FLOAT64));
    try (FlatParameters flat = flatten(block)) {
      assertThat(names(flat)).containsExactly(List.of("p1", "p0"), List.of("d1", "d0"));
      assertThat(flat.groups().stream().map(FlatGroup::dataType))
          .containsExactly(DataType.FLOAT32, DataType.FLOAT64);
      assertThat(flat.groups().stream().map(FlatGroup::length)).containsExactly(32L, 24L);
    }
  }

  @Test
  void separatesParameterGroups() {
    OptimizerConfig config =
        AdamW.builder()
            .learningRate(0.5)
            .weightDecay(0.25)
            .group(ParameterGroup.matching("p1"::equals).withLearningRate(0.125))
            .group(ParameterGroup.matching(name -> !name.equals("p2")).withWeightDecay(0))
            .build();
    try (FlatParameters flat = flatten(block(1, 2, 3, 4), config)) {
      assertThat(names(flat)).containsExactly(List.of("p2"), List.of("p1"), List.of("p3", "p0"));
      assertThat(flat.groups().stream().map(FlatGroup::learningRate))
          .containsExactly(0.5, 0.125, 0.5);
      assertThat(flat.groups().stream().map(FlatGroup::weightDecay))
          .containsExactly(0.25, 0.25, 0.0);
    }
  }

  @Test
  void alignsSlicesInReverseOrder() {
    VectorBlock block = block(1, 17, 16, 33);
    try (FlatParameters flat = flatten(block)) {
      FlatGroup group = flat.groups().get(0);
      assertThat(names(flat)).containsExactly(List.of("p3", "p2", "p1", "p0"));
      assertThat(group.slots().stream().map(ParameterSlot::offset))
          .containsExactly(0L, 48L, 64L, 96L);
      assertThat(group.length()).isEqualTo(112);
      assertThat(group.data().address() % 64).isZero();
      assertThat(group.gradient().address() % 64).isZero();
      for (ParameterSlot slot : group.slots()) {
        long bytes = 4 * slot.offset();
        assertThat(ParameterAlias.isAt(slot.array(), group.data().address() + bytes)).isTrue();
        assertThat(
                ParameterAlias.isAt(slot.array().getGradient(), group.gradient().address() + bytes))
            .isTrue();
      }
    }
  }

  @Test
  void alignsSlicesOfEveryDataType() {
    VectorBlock block =
        new VectorBlock()
            .with("a", manager.ones(new Shape(3), DataType.FLOAT64))
            .with("b", manager.ones(new Shape(9), DataType.FLOAT64));
    try (FlatParameters flat = flatten(block)) {
      assertThat(flat.groups().get(0).slots().stream().map(ParameterSlot::offset))
          .containsExactly(0L, 16L);
    }
  }

  @Test
  void flattensTiedParametersOnce() {
    VectorBlock block = block(3, 4);
    block.with("tied", block.array("p0"));
    try (FlatParameters flat = flatten(block)) {
      assertThat(names(flat)).containsExactly(List.of("p1", "p0"));
      Autograd.backward(block.term("p0", 2).add(block.term("tied", 3)), 1);
      assertThat(block.gradient("p0")).containsOnly(5);
    }
  }

  @Test
  void leavesFrozenParametersOut() {
    VectorBlock block = block(3, 4);
    block.getDirectParameters().get("p0").freeze(true);
    try (FlatParameters flat = flatten(block)) {
      assertThat(names(flat)).containsExactly(List.of("p1"));
      assertThat(flat.constants()).containsExactly(block.array("p0"));
      assertThat(flat.buffers()).isEmpty();
    }
  }

  @Test
  void acceptsABlockWithoutTrainableParameters() {
    VectorBlock block = block(3);
    block.getDirectParameters().get("p0").freeze(true);
    try (FlatParameters flat = flatten(block)) {
      assertThat(flat.groups()).isEmpty();
      flat.zeroGradients();
      flat.checkUnchanged();
    }
  }

  @Test
  void countsAParameterAsUpdatableOnceItHasAGradient() {
    VectorBlock block = block(3, 4);
    try (FlatParameters flat = flatten(block)) {
      FlatGroup group = flat.groups().get(0);
      assertThat(group.slots()).noneMatch(ParameterSlot::needsUpdate);
      Autograd.backward(block.term("p0", 2), 1);
      assertThat(group.slots().stream().filter(ParameterSlot::needsUpdate))
          .extracting(ParameterSlot::name)
          .containsExactly("p0");
      block.getDirectParameters().get("p0").freeze(true);
      assertThat(group.slots()).noneMatch(ParameterSlot::needsUpdate);
      block.getDirectParameters().get("p0").freeze(false);
      flat.zeroGradients();
      assertThat(group.slots()).noneMatch(ParameterSlot::needsUpdate);
      assertThat(block.gradient("p0")).containsOnly(0);
    }
  }

  @Test
  void givesParametersTheirOwnMemoryBackOnClose() {
    VectorBlock block = block(3, 4);
    FlatParameters flat = flatten(block);
    FlatGroup group = flat.groups().get(0);
    try (FlatTensor data = FlatTensor.of(group.parameterArray())) {
      data.fill(2);
      flat.close();
      data.fill(3);
    }
    assertThat(block.array("p0").toFloatArray()).containsExactly(2, 2, 2);
    Autograd.backward(block.term("p0", 5), 1);
    assertThat(block.gradient("p0")).containsOnly(5);
  }
}

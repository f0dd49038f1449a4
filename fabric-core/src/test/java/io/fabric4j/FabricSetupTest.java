package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import io.fabric4j.optim.SGD;
import io.fabric4j.precision.GradScaler;
import org.junit.jupiter.api.Test;

class FabricSetupTest {
  private static final Shape INPUT = new Shape(1, 3);

  @Test
  void keepsValuesAndArraysOfTheBlock() {
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = linear();
      block.initialize(fabric.manager(), ai.djl.ndarray.types.DataType.FLOAT32, INPUT);
      NDArray weight = block.getParameters().get("weight").getArray();
      float[] before = weight.toFloatArray();
      fabric.setup(block, SGD.builder().build());
      assertThat(block.getParameters().get("weight").getArray()).isSameAs(weight);
      assertThat(weight.toFloatArray()).isEqualTo(before);
      assertThat(weight.getGradient().toFloatArray()).containsOnly(0f);
    }
  }

  @Test
  void initialisesFromTheSeed() {
    float[] first = initialWeights(7);
    assertThat(initialWeights(7)).isEqualTo(first);
    assertThat(initialWeights(8)).isNotEqualTo(first);
  }

  private static float[] initialWeights(long seed) {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(seed);
      fabric.manager().randomNormal(new Shape(5));
      Block block = linear();
      fabric.setup(block, INPUT, SGD.builder().build());
      return block.getParameters().get("weight").getArray().toFloatArray();
    }
  }

  @Test
  void leavesTheBlockUsableAfterClose() {
    Block block = linear();
    float[] trained;
    try (Fabric owner = Fabric.builder().build()) {
      block.initialize(owner.manager(), ai.djl.ndarray.types.DataType.FLOAT32, INPUT);
      try (Fabric fabric = Fabric.builder().build()) {
        fabric.setup(block, SGD.builder().build());
        trained = block.getParameters().get("weight").getArray().toFloatArray();
      }
      assertThat(block.getParameters().get("weight").getArray().toFloatArray()).isEqualTo(trained);
    }
  }

  @Test
  void rejectsABlockWithoutValues() {
    try (Fabric fabric = Fabric.builder().build()) {
      assertThatThrownBy(() -> fabric.setup(linear(), SGD.builder().build()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Parameter weight has no values yet. Pass the input shape to setup, for example"
                  + " fabric.setup(block, new Shape(1, 784), optimizer), or call block.initialize"
                  + " first.");
    }
  }

  @Test
  void noticesParametersThatWereReplacedAfterSetup() {
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = linear();
      FabricBlock model = fabric.setup(block, INPUT, SGD.builder().build()).block();
      NDArray input = fabric.manager().ones(INPUT);
      model.forward(input);
      block.getParameters().get("bias").getArray().set(new float[2]);
      assertThatThrownBy(() -> model.forward(input))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Parameter bias was replaced after setup by a cast, a move, set, copyTo or"
                  + " loadParameters, so the optimizer would train memory that the block no longer"
                  + " uses. Do that before fabric.setup, or use FabricBlock.loadStateDict or"
                  + " fabric.load.");
    }
  }

  @Test
  void noticesParametersThatWereUnfrozenAfterSetup() {
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = linear();
      block.initialize(fabric.manager(), ai.djl.ndarray.types.DataType.FLOAT32, INPUT);
      block.getParameters().get("bias").freeze(true);
      FabricBlock model = fabric.setup(block, SGD.builder().build()).block();
      NDArray input = fabric.manager().ones(INPUT);
      model.forward(input);
      block.getParameters().get("bias").freeze(false);
      assertThatThrownBy(() -> model.forward(input))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "Parameter bias was frozen at setup and is trainable now, but belongs to no"
                  + " optimizer. Freeze it after fabric.setup, which keeps its place, or unfreeze it"
                  + " before.");
    }
  }

  @Test
  void rejectsALossThatIsNotOne() {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricBlock model = fabric.setup(linear(), INPUT, SGD.builder().build()).block();
      NDArray input = fabric.manager().ones(INPUT);
      assertThatThrownBy(() -> fabric.backward(model.forward(input)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "backward needs a loss of one element, got shape (1, 2). Reduce it first, for"
                  + " example with loss.mean().");
      assertThatThrownBy(() -> fabric.backward(model.evaluate(input).sum()))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("The loss depends on no parameter that requires a gradient.");
    }
  }

  @Test
  void rejectsNamesAndNumbersThatDoNotExist() {
    String strategies =
        "Choose one of [auto, ddp, ddp_find_unused_parameters_true, single_device, zero,"
            + " zero_stage_1, zero_stage_2].";
    assertThatThrownBy(() -> Fabric.builder().strategy("dpp").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Unknown strategy 'dpp'. " + strategies);
    assertThatThrownBy(() -> Fabric.builder().strategy("fsdp").build())
        .isInstanceOf(FabricException.class)
        .hasMessage("The strategy 'fsdp' of Lightning Fabric is not available here. " + strategies);
    assertThatThrownBy(() -> Fabric.builder().precision("8-bit").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Unknown precision '8-bit'.");
    assertThatThrownBy(() -> Fabric.builder().scaler(GradScaler.builder().build()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A GradScaler was given with precision 32-true, which does not scale the loss. Leave"
                + " it out, or choose 16-mixed.");
    assertThatThrownBy(() -> Fabric.builder().accelerator("abacus").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Unknown accelerator 'abacus'. Choose 'auto', 'cpu' or 'cuda' ('gpu').");
    assertThatThrownBy(() -> Fabric.builder().accelerator("cuda").devices(999).build())
        .isInstanceOf(FabricException.class)
        .hasMessageContaining("GPU");
    assertThatThrownBy(() -> Fabric.builder().devices(0).build())
        .hasMessage("devices is 0, but at least 1 device is needed, or -1 for all.");
    assertThatThrownBy(() -> Fabric.builder().devices(2).strategy("single_device").build())
        .hasMessage(
            "Strategy 'single_device' trains on one device, but 2 were chosen. Choose 'ddp' or"
                + " 'auto', or one device.");
    try (Fabric fabric = Fabric.builder().build()) {
      assertThatThrownBy(() -> fabric.seedEverything(1L << 32))
          .hasMessage("Seed 4294967296 is out of bounds. Seeds go from 0 to 4294967295.");
    }
  }

  @Test
  void warnsOnceOfAnOldPrecisionName() {
    String log = CapturedLog.of(() -> Fabric.builder().precision("bf16").options());
    assertThat(log.lines().filter(line -> line.contains("bf16-mixed"))).hasSize(1);
  }

  private static Block linear() {
    return Linear.builder().setUnits(2).build();
  }
}

package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.loss.Loss;
import io.fabric4j.optim.AdamW;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelsLastTest {
  private static final Loss LOSS = Loss.softmaxCrossEntropyLoss();

  @TempDir private Path folder;

  private static Block network() {
    return new SequentialBlock()
        .add(Conv2d.builder().setKernelShape(new Shape(3, 3)).setFilters(4).build())
        .add(BatchNorm.builder().build())
        .add(Conv2d.builder().setKernelShape(new Shape(2, 3)).setFilters(3).build())
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(5).build());
  }

  private static Map<String, Object> state(FabricSetup setup) {
    return new HashMap<>(Map.of("block", setup.block(), "optimizer", setup.optimizer()));
  }

  private static List<Float> train(Fabric fabric, FabricSetup setup, int steps) {
    List<Float> losses = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      try (NDManager scope = fabric.manager().newSubManager()) {
        NDArray images = scope.arange(2 * 2 * 6 * 7f).div(40).sin().reshape(2, 2, 6, 7);
        NDArray labels = scope.create(new long[] {step % 5, (step + 2) % 5});
        setup.optimizer().zeroGrad();
        NDArray loss = LOSS.evaluate(new NDList(labels), setup.block().forward(new NDList(images)));
        fabric.backward(loss);
        setup.optimizer().step();
        losses.add(loss.getFloat());
      }
    }
    return losses;
  }

  @Test
  void trainsAlikeAndSharesCheckpointsWithChannelsFirst() throws Exception {
    List<List<Float>> losses = new ArrayList<>();
    for (boolean last : new boolean[] {false, true}) {
      try (Fabric fabric = Fabric.builder().accelerator("cpu").channelsLast(last).build()) {
        fabric.seedEverything(4);
        FabricSetup setup =
            fabric.setup(
                network(), new Shape(2, 2, 6, 7), AdamW.builder().learningRate(1e-2).build());
        List<Float> own = new ArrayList<>(train(fabric, setup, 4));
        fabric.save(folder.resolve("state-" + last).toString(), state(setup));
        fabric.load(folder.resolve("state-false").toString(), state(setup));
        own.addAll(train(fabric, setup, 4));
        losses.add(own);
      }
    }
    for (int i = 0; i < 8; i++) {
      assertThat(losses.get(1).get(i)).isCloseTo(losses.get(0).get(i), within(2e-5f));
    }
    assertThat(Files.size(folder.resolve("state-true")))
        .isEqualTo(Files.size(folder.resolve("state-false")));
  }

  @Test
  void namesThePrecisionsOfProducts() {
    assertThatThrownBy(() -> Fabric.builder().matmulPrecision("fast"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Unknown precision of float32 products 'fast'. Choose one of highest, high, medium.");
    try (Fabric fabric = Fabric.builder().accelerator("cpu").matmulPrecision("high").build()) {
      assertThat(
              fabric.manager().ones(new Shape(2, 3)).matMul(fabric.manager().ones(new Shape(3, 1))))
          .isEqualTo(fabric.manager().create(new float[] {3, 3}, new Shape(2, 1)));
    }
  }
}

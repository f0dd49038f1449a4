package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import io.fabric4j.optim.AdamW;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FabricCheckpointTest {
  @TempDir private Path folder;

  @Test
  void restoresBlocksOptimizersAndValues() throws IOException {
    String path = folder.resolve("run/step-3.safetensors").toString();
    float[] continued;
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(1);
      FabricSetup setup = setup(fabric);
      train(fabric, setup, 3);
      NDArray extra = fabric.manager().create(new long[] {1, 2, 3});
      fabric.save(
          path,
          Map.of(
              "model", setup.block(),
              "optimizer", setup.optimizer(),
              "epoch", 3,
              "history", List.of(0.5, Map.of("loss", 1.25)),
              "extra", extra));
      train(fabric, setup, 2);
      continued = weights(setup);
    }
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.seedEverything(2);
      FabricSetup setup = setup(fabric);
      Map<String, Object> state = new HashMap<>();
      state.put("model", setup.block());
      state.put("optimizer", setup.optimizer());
      state.put("epoch", 0);
      Map<String, Object> rest = fabric.load(path, state);
      assertThat(state).containsEntry("epoch", 3L);
      assertThat(rest).containsOnlyKeys("history", "extra");
      assertThat(rest).containsEntry("history", List.of(0.5, Map.of("loss", 1.25)));
      assertThat(((NDArray) rest.get("extra")).toLongArray()).containsExactly(1, 2, 3);
      train(fabric, setup, 2);
      assertThat(weights(setup)).isEqualTo(continued);
    }
  }

  @Test
  void loadsIntoABlockThatIsNotSetUp() throws IOException {
    String path = folder.resolve("model.safetensors").toString();
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = setup(fabric);
      fabric.save(path, Map.of("model", setup.block()));
      Block plain = block();
      plain.initialize(fabric.manager(), ai.djl.ndarray.types.DataType.FLOAT32, new Shape(1, 3));
      fabric.load(path, new HashMap<>(Map.of("model", plain)));
      assertThat(plain.getParameters().get("weight").getArray().toFloatArray())
          .isEqualTo(weights(setup));
    }
  }

  @Test
  void restoresNothingWhenAKeyIsMissing() throws IOException {
    String path = folder.resolve("model.safetensors").toString();
    try (Fabric fabric = Fabric.builder().build()) {
      FabricSetup setup = setup(fabric);
      fabric.save(path, Map.of("model", setup.block()));
      train(fabric, setup, 1);
      float[] before = weights(setup);
      Map<String, Object> state = new HashMap<>(Map.of("model", setup.block(), "epoch", 0));
      assertThatThrownBy(() -> fabric.load(path, state))
          .isInstanceOf(NoSuchElementException.class)
          .hasMessage(
              "The checkpoint "
                  + path
                  + " has no entry 'epoch'. It has [model]. Nothing was restored.");
      assertThat(weights(setup)).isEqualTo(before);
    }
  }

  @Test
  void rejectsABlockOfAnotherShape() throws IOException {
    String path = folder.resolve("model.safetensors").toString();
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.save(path, Map.of("model", setup(fabric).block()));
      FabricBlock other = fabric.setup(block(), new Shape(1, 4), AdamW.builder().build()).block();
      assertThatThrownBy(() -> fabric.load(path, new HashMap<>(Map.of("model", other))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The checkpoint does not fit: weight is float32(2, 3) in the checkpoint and"
                  + " float32(2, 4) here.");
    }
  }

  @Test
  void rejectsWhatACheckpointCannotHold() {
    try (Fabric fabric = Fabric.builder().build()) {
      String path = folder.resolve("model.safetensors").toString();
      assertThatThrownBy(() -> fabric.save(path, Map.of("thread", Thread.currentThread())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "Cannot save 'thread': java.lang.Thread is not a block, an optimizer, a Stateful"
                  + " object, an NDArray, or a plain value (String, Boolean, Number, Lists and"
                  + " String-keyed Maps of them).");
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void namesAFileThatIsMissingOrDamaged() throws IOException {
    Path path = folder.resolve("model.safetensors");
    try (Fabric fabric = Fabric.builder().build()) {
      assertThatThrownBy(() -> fabric.load(path.toString(), new HashMap<>()))
          .isInstanceOf(FileNotFoundException.class)
          .hasMessageContaining(path.toString());
      fabric.save(path.toString(), Map.of("model", setup(fabric).block()));
      byte[] bytes = Files.readAllBytes(path);
      bytes[bytes.length - 3] ^= 1;
      Files.write(path, bytes);
      assertThatThrownBy(() -> fabric.load(path.toString(), new HashMap<>()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(path.toString())
          .hasMessageContaining("CRC");
    }
  }

  private static void train(Fabric fabric, FabricSetup setup, int steps) {
    NDArray input = fabric.manager().ones(new Shape(4, 3));
    for (int i = 0; i < steps; i++) {
      setup.optimizer().zeroGrad();
      fabric.backward(setup.block().forward(input).square().mean());
      setup.optimizer().step();
    }
  }

  private static float[] weights(FabricSetup setup) {
    return setup.block().unwrap().getParameters().get("weight").getArray().toFloatArray();
  }

  private static FabricSetup setup(Fabric fabric) {
    return fabric.setup(block(), new Shape(1, 3), AdamW.builder().learningRate(0.1).build());
  }

  private static Block block() {
    return Linear.builder().setUnits(2).build();
  }
}

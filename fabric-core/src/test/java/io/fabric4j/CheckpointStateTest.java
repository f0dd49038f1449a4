package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import io.fabric4j.optim.AdamW;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStateTest {
  @TempDir private Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private static Block block(Fabric fabric) {
    Block block = Linear.builder().setUnits(2).build();
    block.initialize(fabric.manager(), DataType.FLOAT32, new Shape(1, 3));
    return block;
  }

  private static float[] weight(Block block) {
    return block.getParameters().get("weight").getArray().toFloatArray();
  }

  private static Map<String, Object> nested(Fabric fabric, Block block, float value) {
    Map<String, Object> inner = new HashMap<>(Map.of("$block", block, "epoch", (long) value));
    NDArray array = fabric.manager().create(new float[] {value});
    return new HashMap<>(Map.of("inner", inner, "list", List.of(array, block(fabric))));
  }

  @Test
  void restoresNestedStateInPlace() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      Block saved = block(fabric);
      fabric.save(path("a"), nested(fabric, saved, 7));
      Block target = block(fabric);
      Map<String, Object> state = nested(fabric, target, 1);
      assertThat(fabric.load(path("a"), state)).isEmpty();
      assertThat(weight(target)).isEqualTo(weight(saved));
      assertThat(((NDArray) ((List<?>) state.get("list")).get(0)).toFloatArray())
          .containsExactly(7);
      assertThat(((Map<?, ?>) state.get("inner")).get("epoch")).isEqualTo(7L);
    }
  }

  @Test
  void restoresNothingWhenOneOfSeveralObjectsDoesNotFit() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.save(path("a"), Map.of("a", block(fabric), "b", fabric.manager().ones(new Shape(3))));
      Block target = block(fabric);
      float[] before = weight(target);
      Map<String, Object> state =
          new HashMap<>(Map.of("a", target, "b", fabric.manager().ones(new Shape(4))));
      assertThatThrownBy(() -> fabric.load(path("a"), state))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The checkpoint does not fit: b is float32(3) in the checkpoint and float32(4)"
                  + " here.");
      assertThat(weight(target)).isEqualTo(before);
      assertThatThrownBy(() -> fabric.load(path("a"), new HashMap<>(Map.of("a", target, "c", 1))))
          .isInstanceOf(NoSuchElementException.class);
      assertThat(weight(target)).isEqualTo(before);
      Map<String, Object> lax = new HashMap<>(Map.of("c", 1));
      assertThat(fabric.load(path("a"), lax, LoadOptions.strict().nonStrict()))
          .containsOnlyKeys("a", "b");
      assertThat(lax).containsEntry("c", 1);
    }
  }

  @Test
  void filtersStatesByName() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      Map<String, Object> state = Map.of("a", block(fabric), "b", block(fabric), "n", 1);
      fabric.save(path("a"), state, Map.of("a", (n, v) -> n.equals("bias"), "b", (n, v) -> false));
      Map<String, Object> read = fabric.load(path("a"));
      assertThat(read).containsOnlyKeys("a", "n");
      assertThat(((Map<?, ?>) read.get("a")).keySet().toString()).isEqualTo("[bias]");
      assertThatThrownBy(() -> fabric.save(path("a"), state, Map.of("x", (n, v) -> true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The filter has the key 'x', but the state has [a, b, n].");
      assertThatThrownBy(() -> fabric.save(path("a"), state, Map.of("n", (n, v) -> true)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The filter has the key 'n', but that entry of the state is a single value. Filter"
                  + " blocks, optimizers, Stateful objects and Maps.");
    }
  }

  @Test
  void writesTheSameBytesBeforeAndAfterSetup() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = block(fabric);
      fabric.save(path("a"), Map.of("model", block));
      FabricSetup setup = fabric.setup(block, AdamW.builder().build());
      fabric.save(path("b"), Map.of("model", setup.block()));
      assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
    }
  }

  @Test
  void savesWhatTheStateWasWhenSaveAsyncReturned() throws IOException {
    Launch.onRanks(
        2,
        fabric -> {
          NDArray array = fabric.manager().ones(new Shape(1000));
          fabric.saveAsync(path("a"), Map.of("a", array));
          array.muli(5);
          fabric.awaitSaves();
          assertThat(((NDArray) fabric.load(path("a")).get("a")).toFloatArray()).containsOnly(1);
          return true;
        });
  }

  @Test
  void reportsAFailedBackgroundSaveOnEveryRank() throws IOException {
    Files.createDirectory(folder.resolve("a"));
    List<String> messages =
        Launch.onRanks(
            2,
            fabric -> {
              fabric.saveAsync(path("a"), Map.of("n", 1));
              try {
                fabric.awaitSaves();
                return "none";
              } catch (IOException e) {
                return e.getMessage();
              }
            });
    assertThat(messages.get(0)).startsWith("Cannot save checkpoint " + path("a"));
    assertThat(messages.get(1)).startsWith("Rank 0 could not save the checkpoint: Cannot save");
  }

  /** Writes tensors of a foreign program, all bfloat16. */
  private void foreign(String name, Map<String, short[]> tensors) throws IOException {
    List<String> header = new ArrayList<>();
    ByteBuffer data = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
    tensors.forEach(
        (tensor, values) -> {
          int begin = data.position();
          for (short value : values) {
            data.putShort(value);
          }
          String shape = values.length == 6 ? "[2,3]" : "[" + values.length + "]";
          header.add(
              "\"%s\":{\"dtype\":\"BF16\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                  .formatted(tensor, shape, begin, data.position()));
        });
    byte[] json = ("{" + String.join(",", header) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + data.position()).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json).put(data.flip());
    Files.write(folder.resolve(name), file.array());
  }

  @Test
  void loadsForeignBfloat16WeightsInPartsUnderOtherNames() throws IOException {
    foreign("p1", Map.of("fc.w", new short[] {0x3f80, 0x4000, 0x4040, 0x4080, 0x40a0, 0x40c0}));
    foreign("p2", Map.of("fc.b", new short[] {0x3f80, (short) 0xbf80}));
    Files.writeString(
        folder.resolve("model.safetensors.index.json"),
        "{\"weight_map\":{\"fc.w\":\"p1\",\"fc.b\":\"p2\"}}");
    try (Fabric fabric = Fabric.builder().build()) {
      Block block = block(fabric);
      String index = path("model.safetensors.index.json");
      fabric.loadRaw(
          index, block, LoadOptions.strict().rename(Map.of("fc.w", "weight", "fc.b", "bias")));
      assertThat(weight(block)).containsExactly(1, 2, 3, 4, 5, 6);
      assertThatThrownBy(() -> fabric.loadRaw(index, block))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "The checkpoint does not fit: missing [bias, weight], unexpected [fc.b, fc.w]. Load"
                  + " it into a block of the structure it was saved from.");
      fabric.saveRaw(path("raw"), block);
      Block other = block(fabric);
      fabric.loadRaw(path("raw"), other);
      assertThat(weight(other)).isEqualTo(weight(block));
    }
  }

  @Test
  void continuesAnEpochAfterTheBatchHandedOutLast() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      FabricDataLoader loader =
          FabricDataLoader.of(new NumberedRows(0, 20)).batchSize(3).shuffle(true);
      FabricDataLoader first = fabric.setupDataloaders(loader);
      NumberedRows.epoch(first);
      List<List<Integer>> expected = new ArrayList<>();
      for (FabricBatch batch : first) {
        expected.add(NumberedRows.numbers(batch));
        if (expected.size() == 4) {
          fabric.save(path("a"), Map.of("loader", first, "rng", random(fabric)));
        }
      }
      FabricDataLoader second = fabric.setupDataloaders(loader);
      fabric.load(path("a"), new HashMap<>(Map.of("loader", second, "rng", random(fabric))));
      assertThat(second.epoch()).isEqualTo(1);
      assertThat(NumberedRows.epoch(second)).isEqualTo(expected.subList(4, 7));
      assertThat(second.epoch()).isEqualTo(2);
      FabricDataLoader wider = fabric.setupDataloaders(loader.batchSize(5));
      fabric.load(path("a"), new HashMap<>(Map.of("loader", wider)));
      assertThat(NumberedRows.epoch(wider)).hasSize(2);
    }
  }

  private static RandomState random(Fabric fabric) {
    return new RandomState(fabric.processGroup(), fabric.device(), fabric.manager());
  }

  @Test
  void restoresTheGenerator() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.save(path("a"), Map.of("rng", random(fabric)));
      float[] drawn = fabric.manager().randomUniform(0, 1, new Shape(5)).toFloatArray();
      fabric.load(path("a"), new HashMap<>(Map.of("rng", random(fabric))));
      assertThat(fabric.manager().randomUniform(0, 1, new Shape(5)).toFloatArray())
          .isEqualTo(drawn);
    }
  }
}

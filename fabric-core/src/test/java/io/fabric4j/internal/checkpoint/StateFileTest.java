package io.fabric4j.internal.checkpoint;

import static io.fabric4j.internal.checkpoint.MemoryCheckpointIO.PATH;
import static io.fabric4j.internal.checkpoint.SampleFiles.entry;
import static io.fabric4j.internal.checkpoint.SampleFiles.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list of entries of a file, and weights in several files. */
class StateFileTest {
  private static final String END =
      ". The file is damaged, incomplete or no checkpoint (or it was replaced while it was read);"
          + " load another one.";
  @TempDir private Path folder;
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
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"version":1}               | its list of entries is empty
          null                        | its list of entries is empty
          {"version":2,"state":{}}    | its layout has version 2, and this release reads version 1
          {"version":1,"state":{"a":{"$tensor":"b"}}} | its list of entries names tensor 'b', \
          which it lacks
          {"version":1,"state":{"a":[{"$number":"x"}]}} | its list of entries has the number 'x'
          """)
  void namesWhatIsWrongWithTheEntries(String json, String message) throws IOException {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("Cannot read checkpoint " + PATH + ": " + message + END);
  }

  @Test
  void namesEntriesThatAreNotJson() {
    assertThatThrownBy(() -> read("{\"version\":"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(
            "Cannot read checkpoint " + PATH + ": its list of entries is not valid JSON: ");
  }

  private Map<String, Object> read(String json) throws IOException {
    byte[] file =
        write(
            List.of(entry("w", DataType.UINT8, new Shape(1), new byte[] {1})),
            Map.of(StateFile.METADATA_KEY, json));
    return StateFile.read(new MemoryCheckpointIO(file), PATH, manager);
  }

  @Test
  void rejectsTwoArraysOfOneName() {
    NDArray array = manager.ones(new Shape(1));
    assertThatThrownBy(
            () -> StateSnapshot.of(Map.of("a.b", array, "a", Map.of("b", array))).close())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Two arrays of the state are both named 'a.b'. Rename one of their keys.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                          | it has no weight_map
          {"weight_map":{"a":"../b"}} | it names the part ../b, which is not beside it
          {"weight_map":{"a":"c\\\\b"}} | it names the part c\\b, which is not beside it
          """)
  void namesWhatIsWrongWithAnIndex(String json, String message) {
    MemoryCheckpointIO io = new MemoryCheckpointIO(json.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ShardedWeights.read(io, PATH, manager))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("Cannot read checkpoint " + PATH + ": " + message + END);
  }

  @Test
  void namesAnIndexThatIsNotJson() {
    MemoryCheckpointIO io = new MemoryCheckpointIO("{".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> ShardedWeights.read(io, PATH, manager))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith("Cannot read checkpoint " + PATH + ": it is not valid JSON: ");
  }

  @Test
  void namesAPartThatLacksATensor() throws IOException {
    LocalCheckpointIO io = new LocalCheckpointIO();
    try (StateSnapshot snapshot = StateSnapshot.of(Map.of("a", manager.ones(new Shape(2))))) {
      snapshot.write(io, folder.resolve("part").toString(), CommitGuard.NONE);
    }
    Path index = folder.resolve("model.index.json");
    Files.writeString(index, "{\"weight_map\":{\"a\":\"part\",\"b\":\"part\"}}");
    assertThatThrownBy(() -> ShardedWeights.read(io, index.toString(), manager))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("Cannot read checkpoint " + index + ": its part part lacks tensor b" + END);
    Files.writeString(index, "{\"weight_map\":{\"a\":\"part\"}}");
    assertThat(ShardedWeights.read(io, index.toString(), manager)).containsOnlyKeys("a");
  }
}

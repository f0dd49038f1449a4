package io.fabric4j.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand damaged or hostile files: the state that was saved, or an error that names the file.
 */
class StateFileFuzzTest {
  private static final int ROUNDS = 1000;
  private static final List<String> SHAPES =
      List.of(
          "[]",
          "[0]",
          "[1]",
          "[2]",
          "[-1]",
          "[0,4611686018427387904]",
          "[9223372036854775807]",
          "[4294967296,4294967296]",
          "[1e400]",
          "[null]",
          "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]");
  private static final List<String> OFFSETS =
      List.of(
          "[0,8]", "[0,4]", "[4,8]", "[8,0]", "[0,0]", "[0,9223372036854775807]", "[-8,8]", "[8]");
  private static final List<String> TYPES =
      List.of("F32", "F64", "U8", "I64", "BF16", "F16", "BOOL", "I32", "F8", "");
  private static final List<String> CONTENTS =
      List.of(
          "{'version':1,'state':{'a':{'$tensor':'t'}}}",
          "{'version':1,'state':{'a':{'$tensor':'missing'}}}",
          "{'version':1,'state':{'a':{'$tensor':{}}}}",
          "{'version':1,'state':{'a':{'$number':'x'}}}",
          "{'version':1,'state':null}",
          "{'version':2147483648,'state':{}}",
          "{'version':1,'state':[1]}",
          "null",
          "7",
          "{'version':1,'state':{'a':" + "[".repeat(100_000) + "]".repeat(100_000) + "}}",
          "{'version':1,'state':{'a':" + "{'a':".repeat(50_000) + "1" + "}".repeat(50_000) + "}}",
          "{'version':1,'state':{'a':1,'a':2}}",
          "{'version':1,'state':{'a':1e999999999}}");

  @TempDir private Path folder;
  private final Random random = new Random(42);
  private NDManager manager;
  private byte[] valid;

  @BeforeEach
  void writeValidFile() throws IOException {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
    Map<String, Object> state = new TreeMap<>();
    state.put("model", Map.of("weight", manager.arange(60f).reshape(6, 10), "n", 7));
    state.put("rng", manager.ones(new Shape(33), DataType.UINT8));
    state.put("list", List.of(manager.arange(5), Double.NaN, "text"));
    Path file = folder.resolve("valid");
    try (StateSnapshot snapshot = StateSnapshot.of(state)) {
      snapshot.write(new LocalCheckpointIO(), file.toString(), CommitGuard.NONE);
    }
    valid = Files.readAllBytes(file);
  }

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void readsTheTruthOrNamesTheFile() {
    String truth = read(valid, "valid");
    assertThat(truth).contains("weight", "59.0", "NaN");
    int rejected = 0;
    for (int round = 0; round < ROUNDS; round++) {
      boolean hostile = round % 4 == 3;
      byte[] file = hostile ? hostile() : damaged();
      String name = "round " + round;
      String found = Assertions.assertTimeout(Duration.ofSeconds(5), () -> read(file, name), name);
      if (!hostile && found != null) {
        assertThat(found).as(name).isEqualTo(truth);
      }
      rejected += found == null ? 1 : 0;
    }
    assertThat(rejected).isGreaterThan(ROUNDS * 8 / 10);
  }

  /** Returns what a file holds in words, null if it was rejected as it should be. */
  private String read(byte[] file, String name) {
    try (NDManager scratch = manager.newSubManager()) {
      return words(StateFile.read(new MemoryCheckpointIO(file), MemoryCheckpointIO.PATH, scratch));
    } catch (CheckpointException e) {
      assertThat(e).as(name).hasMessageContaining(MemoryCheckpointIO.PATH);
      assertThat(e.getMessage().length()).as(name).isLessThan(1000);
      return null;
    } catch (IOException | RuntimeException | Error e) {
      return fail(name, e);
    }
  }

  private static String words(Object value) {
    if (value instanceof NDArray array) {
      return array.getDataType() + " " + array.getShape() + Arrays.toString(array.toArray());
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, String> words = new TreeMap<>();
      map.forEach((key, element) -> words.put(key, words(element)));
      return words.toString();
    }
    return value instanceof List<?> list
        ? list.stream().map(StateFileFuzzTest::words).toList().toString()
        : String.valueOf(value);
  }

  private byte[] damaged() {
    byte[] file = valid.clone();
    int header = 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    switch (random.nextInt(6)) {
      case 0 -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> file = Arrays.copyOf(file, random.nextInt(file.length));
      case 2 -> file = Arrays.copyOf(file, file.length + 1 + random.nextInt(100));
      case 3 -> file[8 + random.nextInt(header - 8)] = (byte) (' ' + random.nextInt(95));
      case 4 -> file[random.nextInt(8)] = (byte) random.nextInt();
      default -> {
        for (int i = 0; i < 8; i++) {
          file[header + random.nextInt(file.length - header)] ^= (byte) (1 + random.nextInt(255));
        }
      }
    }
    return file;
  }

  /** Returns a file without checksums whose header somebody has made up. */
  private byte[] hostile() {
    String contents =
        random.nextInt(4) == 0
            ? ""
            : "'__metadata__':{'fabric':'%s'},".formatted(one(CONTENTS).replace("'", "\\'"));
    String json =
        "{%s't':{'dtype':'%s','shape':%s,'data_offsets':%s}}"
            .formatted(contents, one(TYPES), one(SHAPES), one(OFFSETS))
            .replace("\\'", "\\\"")
            .replace('\'', '"');
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(random.nextInt(10) == 0 ? random.nextLong() : header.length)
        .put(header)
        .array();
  }

  private String one(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}

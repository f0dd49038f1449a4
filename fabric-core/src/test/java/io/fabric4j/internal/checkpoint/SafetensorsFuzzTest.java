package io.fabric4j.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.fabric4j.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class SafetensorsFuzzTest {

  @Test
  void survivesRandomDamage() throws IOException {
    byte[] valid = SampleFiles.valid();
    Random random = new Random(42);
    int accepted = 0;
    for (int round = 0; round < 1000; round++) {
      byte[] file = damage(valid, random, round % 7);
      String description = "round " + round;
      accepted +=
          Assertions.assertTimeout(
                  Duration.ofSeconds(2), () -> readsOnlyTheTruth(file, description), description)
              ? 1
              : 0;
    }
    // Damage in the padding or in JSON's own freedom may go unnoticed: the content is the same.
    assertThat(accepted).isLessThan(150);
  }

  private static boolean readsOnlyTheTruth(byte[] file, String description) throws IOException {
    try (SafetensorsReader reader = SampleFiles.open(file)) {
      Map<String, byte[]> tensors = new HashMap<>();
      for (TensorInfo tensor : reader.tensors()) {
        tensors.put(tensor.name(), reader.read(tensor).array());
      }
      assertThat(tensors).as(description).containsExactlyInAnyOrderEntriesOf(SampleFiles.TENSORS);
      assertThat(reader.metadata())
          .as(description)
          .containsAllEntriesOf(Map.of("step", "100", "epoch", "3"));
      return true;
    } catch (CheckpointException e) {
      assertThat(e).as(description).hasMessageContaining(MemoryCheckpointIO.PATH);
      return false;
    } catch (RuntimeException e) {
      return fail(description, e);
    }
  }

  private static byte[] damage(byte[] valid, Random random, int kind) {
    byte[] file = valid.clone();
    int header = 8 + (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    switch (kind) {
      case 0 -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> file = Arrays.copyOf(file, random.nextInt(file.length));
      case 2 -> file = Arrays.copyOf(file, file.length + 1 + random.nextInt(100));
      case 3 -> random.nextBytes(file);
      case 4 -> file[random.nextInt(header)] = (byte) (' ' + random.nextInt(95));
      case 5 -> file = randomHeader(random);
      default -> {
        for (int i = 0; i < 8; i++) {
          file[header + random.nextInt(file.length - header)] = (byte) random.nextInt();
        }
      }
    }
    return file;
  }

  private static byte[] randomHeader(Random random) {
    List<String> tokens =
        List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"dtype\":\"F32\"",
            "\"shape\":[1]",
            "\"data_offsets\":[0,4]",
            "\"__metadata__\":",
            "\"crc32c\"",
            "-1",
            "1e400",
            "null");
    StringBuilder json = new StringBuilder("{\"a\":{");
    for (int i = random.nextInt(20); i >= 0; i--) {
      json.append(tokens.get(random.nextInt(tokens.size())));
    }
    byte[] header = json.toString().getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + header.length + 4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }
}

package io.fabric4j.internal.checkpoint;

import static io.fabric4j.internal.checkpoint.SampleFiles.entry;
import static io.fabric4j.internal.checkpoint.SampleFiles.open;
import static io.fabric4j.internal.checkpoint.SampleFiles.random;
import static io.fabric4j.internal.checkpoint.SampleFiles.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SafetensorsWriterTest {

  @ParameterizedTest
  @EnumSource(
      names = {
        "FLOAT64",
        "FLOAT32",
        "FLOAT16",
        "BFLOAT16",
        "INT64",
        "INT32",
        "INT16",
        "INT8",
        "UINT8",
        "BOOLEAN"
      })
  void keepsEachDataType(DataType type) throws IOException {
    byte[] data = random(6 * type.getNumOfBytes());
    byte[] file = write(List.of(entry("w", type, new Shape(2, 3), data)), Map.of());

    try (SafetensorsReader reader = open(file)) {
      TensorInfo tensor = reader.tensors().get(0);
      assertThat(tensor).isEqualTo(new TensorInfo("w", type, new Shape(2, 3), 0, data.length));
      assertThat(reader.read(tensor).array()).isEqualTo(data);
    }
  }

  @Test
  void laysTheFileOutAsSafetensors() throws IOException {
    byte[] data = {1, 2, 3, 4};
    byte[] file = write(List.of(entry("w", DataType.INT16, new Shape(2), data)), Map.of("a", "b"));

    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    assertThat((8 + length) % 64).isZero();
    assertThat(file).endsWith(data).hasSize(8 + length + 4);
    String json = new String(file, 8, length, StandardCharsets.UTF_8);
    JsonObject header = JsonParser.parseString(json).getAsJsonObject();
    assertThat(header.get("w"))
        .hasToString("{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[0,4]}");
    JsonObject metadata = header.getAsJsonObject("__metadata__");
    assertThat(metadata.get("a").getAsString()).isEqualTo("b");
    JsonObject checksums =
        JsonParser.parseString(metadata.get("crc32c").getAsString()).getAsJsonObject();
    CRC32C crc = new CRC32C();
    crc.update(data);
    assertThat(checksums.get("w").getAsString()).isEqualTo("%08x".formatted(crc.getValue()));
  }

  @Test
  void writesTheSameBytesWhateverTheOrder() throws IOException {
    List<TensorEntry> tensors = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      DataType type = i % 2 == 0 ? DataType.UINT8 : DataType.FLOAT32;
      tensors.add(entry("t" + i, type, new Shape(1), new byte[type.getNumOfBytes()]));
    }
    byte[] file = write(tensors, Map.of("a", "1", "b", "2", "c", "3"));
    Collections.shuffle(tensors, new Random(1));

    assertThat(write(tensors, Map.of("c", "3", "b", "2", "a", "1"))).isEqualTo(file);
    try (SafetensorsReader reader = open(file)) {
      assertThat(reader.tensors())
          .allMatch(tensor -> tensor.begin() % tensor.dataType().getNumOfBytes() == 0);
    }
  }

  @Test
  void rejectsReservedAndRepeatedNames() {
    TensorEntry tensor = entry("w", DataType.UINT8, new Shape(1), new byte[1]);
    TensorEntry reserved = entry("__metadata__", DataType.UINT8, new Shape(1), new byte[1]);

    assertThatThrownBy(() -> write(List.of(tensor, tensor), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "The tensor name 'w' appears twice or is reserved. Give each tensor its own name.");
    assertThatThrownBy(() -> write(List.of(reserved), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'__metadata__' appears twice or is reserved");
    assertThatThrownBy(() -> write(List.of(), Map.of("crc32c", "x")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The metadata key 'crc32c' is reserved for checksums. Use another key.");
  }

  @Test
  void rejectsWhatAFileCannotHold() {
    assertThatThrownBy(
            () ->
                write(List.of(entry("c", DataType.COMPLEX64, new Shape(), new byte[8])), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Tensor 'c' has the data type complex64, which a checkpoint cannot hold. Convert it to"
                + " one of BF16, BOOL, F16, F32, F64, I16, I32, I64, I8, U8.");
    assertThatThrownBy(
            () -> write(List.of(entry("w", DataType.INT32, new Shape(2), new byte[7])), Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Tensor 'w' of type int32 and shape (2) takes 8 bytes, but its buffers hold 7.");
    assertThatThrownBy(() -> write(List.of(), Map.of("a", "\ud800")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not valid Unicode");
    assertThatThrownBy(() -> write(List.of(), Map.of("a", "x".repeat(100_000_000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("take 100000120 bytes, more than the 100000000 that readers accept");
  }

  @Test
  void rejectsTensorsThatChangeWhileWritten() {
    byte[] data = new byte[4];
    Iterable<ByteBuffer> changing =
        () -> {
          data[0]++;
          return List.of(ByteBuffer.wrap(data)).iterator();
        };
    assertThatThrownBy(
            () ->
                write(
                    List.of(new TensorEntry("w", DataType.INT32, new Shape(1), changing)),
                    Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Tensor 'w' changed while it was written (CRC-32C ")
        .hasMessageContaining("Write a snapshot");
  }
}

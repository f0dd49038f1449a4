package io.fabric4j.internal.checkpoint;

import static io.fabric4j.internal.checkpoint.MemoryCheckpointIO.PATH;
import static io.fabric4j.internal.checkpoint.SampleFiles.entry;
import static io.fabric4j.internal.checkpoint.SampleFiles.open;
import static io.fabric4j.internal.checkpoint.SampleFiles.random;
import static io.fabric4j.internal.checkpoint.SampleFiles.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafetensorsReaderTest {

  @Test
  void keepsScalarsEmptyTensorsAndText() throws IOException {
    Map<String, String> text = Map.of("epoch", "7", "é\"\\\n\u2028😀", "ü\u0000😀", "", "");
    List<TensorEntry> tensors =
        List.of(
            entry("step", DataType.INT64, new Shape(), random(8)),
            entry("none", DataType.FLOAT32, new Shape(3, 0), new byte[0]),
            entry("größe 😀", DataType.UINT8, new Shape(3), random(3)),
            entry("", DataType.UINT8, new Shape(1), random(1)));

    try (SafetensorsReader reader = open(write(tensors, text))) {
      assertThat(reader.metadata()).isEqualTo(text);
      assertThat(reader.isChecksummed()).isTrue();
      assertThat(reader.tensors())
          .extracting(TensorInfo::name)
          .containsExactly("step", "none", "", "größe 😀");
      for (TensorInfo tensor : reader.tensors()) {
        TensorEntry written =
            tensors.stream().filter(t -> t.name().equals(tensor.name())).findFirst().orElseThrow();
        assertThat(tensor.shape()).isEqualTo(written.shape());
        assertThat(reader.read(tensor)).isEqualTo(written.data().iterator().next());
      }
    }
  }

  @Test
  void keepsAnEmptyCheckpoint() throws IOException {
    try (SafetensorsReader reader = open(write(List.of(), Map.of()))) {
      assertThat(reader.tensors()).isEmpty();
      assertThat(reader.metadata()).isEmpty();
      assertThat(reader.isChecksummed()).isTrue();
      reader.verify();
    }
  }

  @Test
  void movesTensorsAsSeveralBuffers() throws IOException {
    byte[] data = random(3_000_000);
    List<ByteBuffer> parts =
        List.of(
            ByteBuffer.wrap(data, 0, 5),
            ByteBuffer.allocateDirect(2_000_000).put(data, 5, 2_000_000).flip(),
            ByteBuffer.wrap(data, 2_000_005, 999_995));
    TensorEntry tensor = new TensorEntry("w", DataType.UINT8, new Shape(3_000_000), parts);
    ByteBuffer first = ByteBuffer.allocate(1_234_567);
    ByteBuffer second = ByteBuffer.allocateDirect(3_000_000 - 1_234_567);

    try (SafetensorsReader reader = open(write(List.of(tensor), Map.of()))) {
      reader.read(reader.tensors().get(0), List.of(first, second));
    }
    byte[] read = new byte[3_000_000];
    first.flip().get(read, 0, 1_234_567);
    second.flip().get(read, 1_234_567, second.limit());
    assertThat(read).isEqualTo(data);
    assertThat(parts).extracting(ByteBuffer::position).containsExactly(0, 0, 2_000_005);
  }

  @Test
  void readsInFileOrderWithOneOpenAndBackwardsWithMore() throws IOException {
    byte[] file =
        write(
            List.of(
                entry("a", DataType.UINT8, new Shape(4), new byte[] {1, 2, 3, 4}),
                entry("b", DataType.UINT8, new Shape(4), new byte[] {5, 6, 7, 8}),
                entry("c", DataType.UINT8, new Shape(1), new byte[] {9})),
            Map.of());
    MemoryCheckpointIO io = new MemoryCheckpointIO(file);

    try (SafetensorsReader reader = new SafetensorsReader(io, PATH)) {
      List<TensorInfo> tensors = reader.tensors();
      assertThat(reader.read(tensors.get(0)).array()).containsExactly(1, 2, 3, 4);
      assertThat(reader.read(tensors.get(2)).array()).containsExactly(9);
      assertThat(io.opens).isOne();
      assertThat(reader.read(tensors.get(1)).array()).containsExactly(5, 6, 7, 8);
      assertThat(io.opens).isEqualTo(2);
      reader.verify();
    }
  }

  @Test
  void readsFilesOfOtherPrograms() throws IOException {
    // As Python's safetensors writes them: no metadata, header padded to a multiple of 8 only.
    String json = "{\"x\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}    ";
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + header.length + 8).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header).putFloat(1.5f).putFloat(-2f);

    try (SafetensorsReader reader = open(file.array())) {
      assertThat(reader.isChecksummed()).isFalse();
      assertThat(reader.metadata()).isEmpty();
      ByteBuffer data = reader.read(reader.tensors().get(0));
      assertThat(data.getFloat()).isEqualTo(1.5f);
      assertThat(data.getFloat()).isEqualTo(-2f);
      reader.verify();
    }
  }

  @Test
  void rejectsBuffersOfAnotherSize() throws IOException {
    byte[] file = write(List.of(entry("w", DataType.UINT8, new Shape(4), new byte[4])), Map.of());
    try (SafetensorsReader reader = open(file)) {
      TensorInfo tensor = reader.tensors().get(0);
      assertThatThrownBy(() -> reader.read(tensor, List.of(ByteBuffer.allocate(3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The buffers for tensor 'w' hold 1 bytes less than its 4.");
      assertThatThrownBy(() -> reader.read(tensor, List.of(ByteBuffer.allocate(6))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The buffers for tensor 'w' hold 2 bytes more than its 4.");
    }
  }

  @Test
  void namesPathAndPlaceWhenTheStorageFails() throws IOException {
    byte[] file = write(List.of(entry("w", DataType.UINT8, new Shape(4), new byte[4])), Map.of());
    InputStream failing =
        new InputStream() {
          private int position;

          @Override
          public int read() throws IOException {
            if (position == file.length - 2) {
              throw new IOException("Connection reset\n\tat server");
            }
            return file[position++];
          }
        };
    CheckpointIO io =
        new MemoryCheckpointIO(file) {
          @Override
          public InputStream open(String path) {
            return failing;
          }
        };
    try (SafetensorsReader reader = new SafetensorsReader(io, "far:/w")) {
      assertThatThrownBy(() -> reader.read(reader.tensors().get(0)))
          .isInstanceOf(CheckpointException.class)
          .hasMessageStartingWith("Cannot read byte ")
          .hasMessageContaining(" of checkpoint file far:/w: IOException: Connection reset. Check");
    }
  }
}

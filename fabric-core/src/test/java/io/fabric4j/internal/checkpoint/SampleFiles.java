package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Makes and opens the files of tests. */
final class SampleFiles {
  static final Map<String, byte[]> TENSORS =
      Map.of("weight", random(400), "bias", random(40), "rng", random(33));

  private SampleFiles() {}

  static TensorEntry entry(String name, DataType type, Shape shape, byte[] data) {
    return new TensorEntry(name, type, shape, ByteBuffer.wrap(data));
  }

  static byte[] write(List<TensorEntry> tensors, Map<String, String> metadata) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new SafetensorsWriter(out).write(tensors, metadata);
    return out.toByteArray();
  }

  /** A checkpoint of {@link #TENSORS} at step 100 of epoch 3. */
  static byte[] valid() throws IOException {
    return write(
        List.of(
            entry("weight", DataType.FLOAT32, new Shape(10, 10), TENSORS.get("weight")),
            entry("bias", DataType.FLOAT32, new Shape(10), TENSORS.get("bias")),
            entry("rng", DataType.UINT8, new Shape(33), TENSORS.get("rng"))),
        Map.of("step", "100", "epoch", "3"));
  }

  static SafetensorsReader open(byte[] file) throws IOException {
    return new SafetensorsReader(new MemoryCheckpointIO(file), MemoryCheckpointIO.PATH);
  }

  static byte[] random(int length) {
    byte[] data = new byte[length];
    new Random(length).nextBytes(data);
    return data;
  }
}

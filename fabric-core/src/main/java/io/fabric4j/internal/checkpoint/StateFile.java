package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.ToNumberPolicy;
import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a state from one safetensors file. The array {@code weight} under {@code model} is the
 * tensor {@code model.weight}; plain values and the structure are JSON in the metadata under {@code
 * fabric}.
 */
public final class StateFile {
  static final String METADATA_KEY = "fabric";
  static final int VERSION = 1;
  private static final int BUFFER_BYTES = 1 << 30;
  private static final Gson GSON = gson();

  /** What the metadata says. */
  record Contents(int version, Map<String, Object> state) {}

  private StateFile() {}

  static Gson gson() {
    return new GsonBuilder()
        .serializeNulls()
        .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
        .disableHtmlEscaping()
        .create();
  }

  /**
   * Reads a file. One that Fabric did not write has an entry for each tensor. Tensors of type
   * bfloat16 become float32, which holds the same values.
   *
   * @param manager owner of the arrays
   */
  public static Map<String, Object> read(CheckpointIO io, String path, NDManager manager)
      throws IOException {
    try (SafetensorsReader reader = new SafetensorsReader(io, path)) {
      Map<String, NDArray> arrays = new TreeMap<>();
      for (TensorInfo tensor : reader.tensors()) {
        arrays.put(tensor.name(), array(reader, tensor, manager));
      }
      String contents = reader.metadata().get(METADATA_KEY);
      return contents == null
          ? new TreeMap<>(arrays)
          : StateTree.decode(path, parse(path, contents), arrays);
    }
  }

  /**
   * Reads the entries of a file without its arrays, for which references stand.
   *
   * @return empty if Fabric did not write the file
   */
  public static Map<String, Object> readValues(CheckpointIO io, String path) throws IOException {
    try (SafetensorsReader reader = new SafetensorsReader(io, path)) {
      String contents = reader.metadata().get(METADATA_KEY);
      return contents == null ? Map.of() : parse(path, contents);
    }
  }

  private static Map<String, Object> parse(String path, String json) throws CheckpointException {
    Contents contents;
    try {
      contents = GSON.fromJson(json, Contents.class);
    } catch (JsonParseException e) {
      throw DamagedFile.of(path, "its list of entries is not valid JSON: %s", e.getMessage());
    }
    if (contents == null || contents.state() == null) {
      throw DamagedFile.of(path, "its list of entries is empty");
    }
    if (contents.version() != VERSION) {
      throw DamagedFile.of(
          path,
          "its layout has version %d, and this release reads version %d",
          contents.version(),
          VERSION);
    }
    return contents.state();
  }

  private static NDArray array(SafetensorsReader reader, TensorInfo tensor, NDManager manager)
      throws IOException {
    boolean widen = tensor.dataType() == DataType.BFLOAT16;
    NDArray array = manager.create(tensor.shape(), widen ? DataType.FLOAT32 : tensor.dataType());
    try (FlatTensor flat = FlatTensor.of(array)) {
      if (widen) {
        readWidened(reader, tensor, flat);
      } else {
        reader.read(tensor, buffers(flat));
      }
    }
    return array;
  }

  private static void readWidened(SafetensorsReader reader, TensorInfo tensor, FlatTensor target)
      throws IOException {
    try (FlatTensor stored = FlatTensor.zeros(tensor.dataType(), target.length())) {
      reader.read(tensor, buffers(stored));
      target.copyFrom(stored);
    }
  }

  static List<ByteBuffer> buffers(FlatTensor flat) {
    List<ByteBuffer> buffers = new ArrayList<>();
    long total = flat.length() * flat.elementSize();
    for (long start = 0; start < total; start += BUFFER_BYTES) {
      buffers.add(flat.bytes(start, (int) Math.min(BUFFER_BYTES, total - start)));
    }
    return buffers;
  }
}

package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.ToNumberPolicy;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Maps checkpoint entries to one safetensors file. The array {@code weight} of the entry {@code
 * model} is the tensor {@code model.weight}; plain values and the list of entries are JSON in the
 * metadata under {@code fabric}.
 */
public final class StateFile {
  private static final String METADATA_KEY = "fabric";
  private static final int BUFFER_BYTES = 1 << 30;
  private static final Gson GSON =
      new GsonBuilder()
          .serializeNulls()
          .serializeSpecialFloatingPointValues()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .disableHtmlEscaping()
          .create();

  /** What the metadata says of one entry. */
  private record Description(boolean state, List<String> arrays, Map<String, Object> values) {}

  /** The metadata as a whole. */
  private record Contents(int version, Map<String, Description> entries) {}

  private StateFile() {}

  /** Writes a file that appears when it is complete. */
  public static void write(CheckpointIO io, String path, Map<String, SavedEntry> entries)
      throws IOException {
    List<FlatTensor> open = new ArrayList<>();
    try (CheckpointIO.PendingFile file = io.create(path)) {
      List<TensorEntry> tensors = new ArrayList<>();
      Map<String, Description> descriptions = new LinkedHashMap<>();
      entries.forEach(
          (key, entry) -> {
            entry.arrays().forEach((name, array) -> tensors.add(tensor(key, name, array, open)));
            descriptions.put(
                key,
                new Description(
                    entry.state(), List.copyOf(entry.arrays().keySet()), entry.values()));
          });
      OutputStream out = new BufferedOutputStream(file.stream(), 1 << 16);
      new SafetensorsWriter(out)
          .write(tensors, Map.of(METADATA_KEY, GSON.toJson(new Contents(1, descriptions))));
      out.flush();
      file.commit();
    } finally {
      open.forEach(FlatTensor::close);
    }
  }

  private static TensorEntry tensor(String key, String name, NDArray array, List<FlatTensor> open) {
    FlatTensor flat = FlatTensor.of(array);
    open.add(flat);
    return new TensorEntry(tensorName(key, name), flat.dataType(), array.getShape(), buffers(flat));
  }

  private static String tensorName(String key, String name) {
    return name.isEmpty() ? key : key + "." + name;
  }

  private static List<ByteBuffer> buffers(FlatTensor flat) {
    List<ByteBuffer> buffers = new ArrayList<>();
    long total = flat.length() * flat.elementSize();
    for (long start = 0; start < total; start += BUFFER_BYTES) {
      buffers.add(flat.bytes(start, (int) Math.min(BUFFER_BYTES, total - start)));
    }
    return buffers;
  }

  /**
   * Reads a file. One that Fabric did not write has an entry for each tensor.
   *
   * @param manager owner of the arrays
   */
  public static Map<String, SavedEntry> read(CheckpointIO io, String path, NDManager manager)
      throws IOException {
    try (SafetensorsReader reader = new SafetensorsReader(io, path)) {
      Map<String, NDArray> arrays = new TreeMap<>();
      for (TensorInfo tensor : reader.tensors()) {
        arrays.put(tensor.name(), array(reader, tensor, manager));
      }
      String contents = reader.metadata().get(METADATA_KEY);
      Map<String, SavedEntry> entries = new LinkedHashMap<>();
      if (contents == null) {
        arrays.forEach((name, array) -> entries.put(name, SavedEntry.ofValue(name, array)));
      } else {
        parse(path, contents)
            .entries()
            .forEach((key, entry) -> entries.put(key, saved(key, entry, arrays)));
      }
      return entries;
    }
  }

  private static Contents parse(String path, String json) throws IOException {
    try {
      Contents contents = GSON.fromJson(json, Contents.class);
      if (contents.version() == 1) {
        return contents;
      }
      throw DamagedFile.of(
          path, "its layout has version %d, and this release reads version 1", contents.version());
    } catch (JsonParseException e) {
      throw DamagedFile.of(path, "its list of entries is not valid JSON: %s", e.getMessage());
    }
  }

  private static SavedEntry saved(String key, Description entry, Map<String, NDArray> arrays) {
    Map<String, NDArray> own = new LinkedHashMap<>();
    entry.arrays().forEach(name -> own.put(name, arrays.get(tensorName(key, name))));
    return new SavedEntry(entry.state(), own, entry.values());
  }

  private static NDArray array(SafetensorsReader reader, TensorInfo tensor, NDManager manager)
      throws IOException {
    NDArray array = Casts.zeros(manager, tensor.shape(), tensor.dataType());
    try (FlatTensor flat = FlatTensor.of(array)) {
      reader.read(tensor, buffers(flat));
    }
    return array;
  }
}

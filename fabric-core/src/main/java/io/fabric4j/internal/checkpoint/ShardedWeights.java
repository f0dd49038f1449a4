package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.NDManager;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Tensors in several files, listed by an index in Hugging Face's layout. */
public final class ShardedWeights {
  private static final String SUFFIX = ".index.json";

  /** The index; Gson fills the component by its name in the file. */
  private record Index(@SerializedName("weight_map") Map<String, String> weights) {}

  private ShardedWeights() {}

  /** Returns whether a path names an index. */
  public static boolean isIndex(String path) {
    return path.endsWith(SUFFIX);
  }

  /** Reads the tensors that an index lists from the files beside it. */
  public static Map<String, Object> read(CheckpointIO io, String path, NDManager manager)
      throws IOException {
    Map<String, String> weights = index(io, path);
    String folder = path.substring(0, path.lastIndexOf('/') + 1);
    Map<String, Map<String, Object>> parts = new TreeMap<>();
    for (String part : new TreeSet<>(weights.values())) {
      if (part.contains("/") || part.contains("\\")) {
        throw DamagedFile.of(path, "it names the part %s, which is not beside it", part);
      }
      parts.put(part, StateFile.read(io, folder + part, manager));
    }
    Map<String, Object> result = new TreeMap<>();
    for (Map.Entry<String, String> weight : weights.entrySet()) {
      Object array = parts.get(weight.getValue()).get(weight.getKey());
      if (array == null) {
        throw DamagedFile.of(
            path, "its part %s lacks tensor %s", weight.getValue(), weight.getKey());
      }
      result.put(weight.getKey(), array);
    }
    return result;
  }

  private static Map<String, String> index(CheckpointIO io, String path) throws IOException {
    try (InputStream in = io.open(path)) {
      String json = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      Index index = new Gson().fromJson(json, Index.class);
      if (index == null || index.weights() == null) {
        throw DamagedFile.of(path, "it has no weight_map");
      }
      return index.weights();
    } catch (JsonParseException e) {
      throw DamagedFile.causedBy(e, path, "it is not valid JSON: %s", e.getMessage());
    }
  }
}

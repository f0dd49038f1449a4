package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.types.DataType;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The data types of a file and their names in its header. */
final class TensorTypes {
  private static final Map<DataType, String> NAMES =
      Map.of(
          DataType.FLOAT64, "F64",
          DataType.FLOAT32, "F32",
          DataType.FLOAT16, "F16",
          DataType.BFLOAT16, "BF16",
          DataType.INT64, "I64",
          DataType.INT32, "I32",
          DataType.INT16, "I16",
          DataType.INT8, "I8",
          DataType.UINT8, "U8",
          DataType.BOOLEAN, "BOOL");
  private static final Map<String, DataType> TYPES =
      NAMES.entrySet().stream()
          .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

  private TensorTypes() {}

  /** Returns the name of a type, or null if files cannot hold it. */
  static String name(DataType type) {
    return NAMES.get(type);
  }

  /** Returns the type of a name, or null if there is none. */
  static DataType type(String name) {
    return TYPES.get(name);
  }

  /** Lists the names, for messages. */
  static String supported() {
    return String.join(", ", new TreeMap<>(TYPES).keySet());
  }
}

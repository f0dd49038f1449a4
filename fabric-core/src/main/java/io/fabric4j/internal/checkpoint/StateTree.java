package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.NDArray;
import io.fabric4j.checkpoint.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/**
 * A tree of String-keyed Maps and Lists whose leaves are arrays and plain values. In the file an
 * array is a reference to a tensor, which is named by its keys: {@code model.weight}.
 */
final class StateTree {
  private static final String TENSOR = "$tensor";

  /** Stands for a number that JSON lacks: {@code NaN}, {@code Infinity}, {@code -Infinity}. */
  private static final String NUMBER = "$number";

  private StateTree() {}

  /** Returns the tree with references for arrays, which are added to {@code tensors} by name. */
  static Map<String, Object> encode(Map<String, ?> state, Map<String, NDArray> tensors) {
    return encodeMap("", state, tensors);
  }

  private static Map<String, Object> encodeMap(
      String prefix, Map<?, ?> map, Map<String, NDArray> tensors) {
    Map<String, Object> result = new TreeMap<>();
    map.forEach(
        (key, value) -> {
          String name = (String) key;
          result.put(
              name.startsWith("$") ? "$" + name : name, encode(prefix + name, value, tensors));
        });
    return result;
  }

  private static Object encode(String name, Object value, Map<String, NDArray> tensors) {
    if (value instanceof NDArray array) {
      if (tensors.put(name, array) != null) {
        throw new IllegalArgumentException(
            "Two arrays of the state are both named '" + name + "'. Rename one of their keys.");
      }
      return Map.of(TENSOR, name);
    }
    if (value instanceof Map<?, ?> map) {
      return encodeMap(name + ".", map, tensors);
    }
    if (value instanceof List<?> list) {
      return mapList(list, (index, element) -> encode(name + "." + index, element, tensors));
    }
    if ((value instanceof Double || value instanceof Float)
        && !Double.isFinite(((Number) value).doubleValue())) {
      return Map.of(NUMBER, value.toString());
    }
    return value;
  }

  /** Returns the tree with arrays for references. */
  static Map<String, Object> decode(String path, Map<?, ?> tree, Map<String, NDArray> tensors)
      throws CheckpointException {
    Map<String, Object> result = new TreeMap<>();
    for (Map.Entry<?, ?> entry : tree.entrySet()) {
      String key = (String) entry.getKey();
      result.put(
          key.startsWith("$") ? key.substring(1) : key, decode(path, entry.getValue(), tensors));
    }
    return result;
  }

  private static Object decode(String path, Object value, Map<String, NDArray> tensors)
      throws CheckpointException {
    if (value instanceof Map<?, ?> map) {
      if (map.get(NUMBER) instanceof String number) {
        return number(path, number);
      }
      if (!(map.get(TENSOR) instanceof String name)) {
        return decode(path, map, tensors);
      }
      NDArray array = tensors.get(name);
      if (array == null) {
        throw DamagedFile.of(
            path, "its list of entries names tensor %s, which it lacks", DamagedFile.quote(name));
      }
      return array;
    }
    if (value instanceof List<?> list) {
      List<Object> result = new ArrayList<>();
      for (Object element : list) {
        result.add(decode(path, element, tensors));
      }
      return result;
    }
    return value;
  }

  private static Double number(String path, String text) throws CheckpointException {
    try {
      return Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw DamagedFile.causedBy(
          e, path, "its list of entries has the number %s", DamagedFile.quote(text));
    }
  }

  private static List<Object> mapList(List<?> list, BiFunction<Integer, Object, Object> function) {
    List<Object> result = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      result.add(function.apply(i, list.get(i)));
    }
    return result;
  }
}

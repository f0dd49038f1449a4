package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One key of a checkpoint: the state of an object, or a single value.
 *
 * @param state whether it is the state of an object
 * @param arrays by name; the empty name for a single array
 * @param values plain values by name; the empty name for a single value
 */
public record SavedEntry(boolean state, Map<String, NDArray> arrays, Map<String, Object> values) {

  /** Returns the entry of an object's state of NDArrays and plain values. */
  public static SavedEntry ofState(Map<String, Object> state) {
    SavedEntry entry = new SavedEntry(true, new LinkedHashMap<>(), new LinkedHashMap<>());
    state.forEach(entry::put);
    return entry;
  }

  /** Returns the entry of an NDArray or a plain value. */
  public static SavedEntry ofValue(String key, Object value) {
    SavedEntry entry = new SavedEntry(false, new LinkedHashMap<>(), new LinkedHashMap<>());
    if (!(value instanceof NDArray)) {
      checkPlain(key, value);
    }
    entry.put("", value);
    return entry;
  }

  private void put(String name, Object value) {
    if (value instanceof NDArray array) {
      arrays.put(name, array);
    } else {
      checkPlain(name, value);
      values.put(name, value);
    }
  }

  private static void checkPlain(String name, Object value) {
    if (value instanceof List<?> list) {
      list.forEach(element -> checkPlain(name, element));
    } else if (value instanceof Map<?, ?> map) {
      map.forEach(
          (key, element) -> {
            if (!(key instanceof String)) {
              throw unsupported(name, key);
            }
            checkPlain(name, element);
          });
    } else if (!(value instanceof String
        || value instanceof Boolean
        || value instanceof Number
        || value == null)) {
      throw unsupported(name, value);
    }
  }

  private static IllegalArgumentException unsupported(String name, Object value) {
    return new IllegalArgumentException(
        "Cannot save '"
            + name
            + "': "
            + value.getClass().getName()
            + " is not a block, an optimizer, a Stateful object, an NDArray, or a plain value"
            + " (String, Boolean, Number, Lists and String-keyed Maps of them).");
  }

  /** Returns the state of an object. */
  public Map<String, Object> toState() {
    Map<String, Object> result = new LinkedHashMap<>(arrays);
    result.putAll(values);
    return result;
  }

  /** Returns the value, which for an object is its state. */
  public Object toValue() {
    if (state) {
      return toState();
    }
    return arrays.isEmpty() ? values.get("") : arrays.get("");
  }
}

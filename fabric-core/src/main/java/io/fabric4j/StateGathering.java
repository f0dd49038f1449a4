package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;

/** Turns the objects of a state into Maps, Lists, arrays and plain values, in sorted order. */
final class StateGathering {

  private final NDManager scratch;

  /**
   * Gathers states.
   *
   * @param scratch owner of copies, which a sharded optimizer makes
   */
  StateGathering(NDManager scratch) {
    this.scratch = scratch;
  }

  Map<String, Object> gather(
      Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter) {
    Map<String, Object> result = new TreeMap<>();
    for (Map.Entry<String, ?> entry : new TreeMap<String, Object>(state).entrySet()) {
      result.put(entry.getKey(), value(entry.getKey(), entry.getValue()));
    }
    filter.forEach((key, predicate) -> apply(key, predicate, result));
    return result;
  }

  private static void apply(
      String key, BiPredicate<String, Object> predicate, Map<String, Object> state) {
    if (!state.containsKey(key)) {
      throw new IllegalArgumentException(
          "The filter has the key '" + key + "', but the state has " + state.keySet() + ".");
    }
    if (!(state.get(key) instanceof Map<?, ?> entries)) {
      throw new IllegalArgumentException(
          "The filter has the key '"
              + key
              + "', but that entry of the state is a single value. Filter blocks, optimizers,"
              + " Stateful objects and Maps.");
    }
    entries.entrySet().removeIf(e -> !predicate.test((String) e.getKey(), e.getValue()));
    if (entries.isEmpty()) {
      state.remove(key);
    }
  }

  /** Returns the state of a block or a Stateful object. */
  Map<String, Object> stateOf(String name, Object object) {
    if (!isObject(object)) {
      throw stateless(object);
    }
    return cast(value(name, object));
  }

  static IllegalArgumentException stateless(Object object) {
    return new IllegalArgumentException(
        object.getClass().getName()
            + " has no state. Pass a block, an optimizer or another Stateful object.");
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> cast(Object map) {
    return (Map<String, Object>) map;
  }

  @SuppressWarnings("unchecked")
  static List<Object> castList(Object list) {
    return (List<Object>) list;
  }

  static boolean isObject(Object value) {
    return value instanceof Stateful || value instanceof Block;
  }

  private Object value(String name, Object value) {
    if (value instanceof FabricOptimizer optimizer) {
      return map(name, optimizer.stateDict(scratch));
    }
    if (value instanceof Stateful stateful) {
      return map(name, stateful.stateDict());
    }
    if (value instanceof Block block) {
      return map(name, FabricBlock.stateDict(block));
    }
    if (value instanceof Map<?, ?> map) {
      return map(name, map);
    }
    if (value instanceof List<?> list) {
      List<Object> result = new ArrayList<>();
      list.forEach(element -> result.add(value(name, element)));
      return result;
    }
    if (value == null
        || value instanceof NDArray
        || value instanceof String
        || value instanceof Boolean
        || value instanceof Number) {
      return value;
    }
    throw unsupported(name, value);
  }

  private Map<String, Object> map(String name, Map<?, ?> map) {
    Map<String, Object> sorted = new TreeMap<>();
    map.forEach(
        (key, value) -> {
          if (!(key instanceof String text)) {
            throw unsupported(name, key);
          }
          sorted.put(text, value);
        });
    sorted.replaceAll(this::value);
    return sorted;
  }

  private static IllegalArgumentException unsupported(String name, Object value) {
    return new IllegalArgumentException(
        "Cannot save '"
            + name
            + "': "
            + (value == null ? "a null key" : value.getClass().getName())
            + " is not a block, an optimizer, a Stateful object, an NDArray, or a plain value"
            + " (String, Boolean, Number, Lists and String-keyed Maps of them).");
  }
}

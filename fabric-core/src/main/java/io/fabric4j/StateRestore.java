package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import io.fabric4j.internal.torch.GradMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Puts a saved state into the objects of a loop: first checks that all fits, then changes them. */
final class StateRestore {
  private final String path;
  private final boolean strict;
  private final UnaryOperator<Object> keep;
  private final List<Runnable> replacements = new ArrayList<>();
  private final List<Runnable> copies = new ArrayList<>();

  /**
   * @param keep makes the arrays of a value outlive the saved state
   */
  StateRestore(String path, boolean strict, UnaryOperator<Object> keep) {
    this.path = path;
    this.strict = strict;
    this.keep = keep;
  }

  /** Checks a Map and returns what it does not ask for. */
  Map<String, Object> map(String prefix, Map<String, Object> target, Map<String, Object> saved) {
    Map<String, Object> rest = new TreeMap<>(saved);
    for (String key : new TreeSet<>(target.keySet())) {
      String name = prefix + key;
      if (!saved.containsKey(key)) {
        requireLax(name, saved);
        continue;
      }
      rest.remove(key);
      Map<String, Object> unread =
          value(name, target.get(key), saved.get(key), value -> target.put(key, value));
      if (!unread.isEmpty()) {
        rest.put(key, unread);
      }
    }
    return rest;
  }

  private void requireLax(String name, Map<String, Object> saved) {
    if (strict) {
      throw new NoSuchElementException(
          "The checkpoint "
              + path
              + " has no entry '"
              + name
              + "'. It has "
              + saved.keySet()
              + ". Nothing was restored.");
    }
  }

  private static boolean holdsObjects(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(StateRestore::holdsObjects);
    }
    if (value instanceof List<?> list) {
      return list.stream().anyMatch(StateRestore::holdsObjects);
    }
    return value instanceof NDArray || StateGathering.isObject(value);
  }

  /**
   * Checks one value and returns what it does not ask for.
   *
   * @param replace puts a value in the place of the target
   */
  private Map<String, Object> value(
      String name, Object target, Object saved, Consumer<Object> replace) {
    if (!holdsObjects(target)) {
      checkReplaceable(name, target, replace);
      replacements.add(() -> replace.accept(keep.apply(saved)));
    } else if (target instanceof NDArray array) {
      StateCopy.checkFits(name, array, saved);
      copies.add(() -> copy(array, (NDArray) saved));
    } else if (target instanceof List<?> list && saved instanceof List<?> states) {
      return list(name, StateGathering.castList(list), states);
    } else if (target instanceof Map<?, ?> map && saved instanceof Map<?, ?> state) {
      return map(name + ".", StateGathering.cast(map), StateGathering.cast(state));
    } else if (StateGathering.isObject(target) && saved instanceof Map<?, ?> state) {
      object(target, StateGathering.cast(state));
    } else {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: '"
              + name
              + "' is a "
              + (saved == null ? "null" : saved.getClass().getSimpleName())
              + " there and a "
              + target.getClass().getSimpleName()
              + " here.");
    }
    return Map.of();
  }

  /** Puts the target in its own place, the only way to find out whether that is possible. */
  private static void checkReplaceable(String name, Object target, Consumer<Object> replace) {
    try {
      replace.accept(target);
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "Cannot restore '"
              + name
              + "': the Map or List that holds it is unmodifiable. Pass a HashMap or ArrayList."
              + " Nothing was restored.",
          e);
    }
  }

  private Map<String, Object> list(String name, List<Object> targets, List<?> saved) {
    if (targets.size() != saved.size()) {
      throw new IllegalArgumentException(
          "The checkpoint does not fit: the List '"
              + name
              + "' has "
              + saved.size()
              + " elements there and "
              + targets.size()
              + " here.");
    }
    Map<String, Object> rest = new TreeMap<>();
    for (int i = 0; i < targets.size(); i++) {
      int index = i;
      Map<String, Object> unread =
          value(name + "." + i, targets.get(i), saved.get(i), value -> targets.set(index, value));
      if (!unread.isEmpty()) {
        rest.put(Integer.toString(i), unread);
      }
    }
    return rest;
  }

  /** Checks a block or Stateful object. */
  void object(Object target, Map<String, Object> state) {
    Object inner = target instanceof FabricBlock wrapped ? wrapped.unwrap() : target;
    if (inner instanceof Block block) {
      Map<String, Object> targets = FabricBlock.stateDict(block);
      Map<String, Object> sources = new TreeMap<>(state);
      if (!strict) {
        targets.keySet().retainAll(state.keySet());
        sources.keySet().retainAll(targets.keySet());
      }
      StateCopy.check(targets, sources);
      copies.add(() -> StateCopy.copyInto(targets, sources));
    } else {
      Stateful stateful = (Stateful) inner;
      stateful.checkStateDict(state);
      copies.add(() -> stateful.loadStateDict(state));
    }
  }

  private static void copy(NDArray target, NDArray source) {
    try (GradMode mode = GradMode.disabled()) {
      StateCopy.copy(target, source);
    }
  }

  /** Changes what was checked. */
  void apply() {
    replacements.forEach(Runnable::run);
    copies.forEach(Runnable::run);
  }
}

package io.fabric4j;

import io.fabric4j.internal.run.RunState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the checkpoints of a run hold.
 *
 * @param state the user's
 * @param loaders those whose place the run keeps
 * @param position where the run is
 * @param own what the run adds to the state
 */
record RunContents(
    Map<String, Object> state,
    List<FabricDataLoader> loaders,
    RunState position,
    Map<String, Object> own) {
  private static final String FABRIC = "fabric";
  private static final String LOADERS = "loaders";

  /**
   * Adds to a user's state what a run keeps by itself, as far as it is not in there.
   *
   * @param setUp all data loaders of this rank
   * @throws IllegalArgumentException if the state uses the run's key, or cannot be restored
   */
  static RunContents of(Fabric fabric, Map<String, Object> state, List<FabricDataLoader> setUp) {
    if (state.containsKey(RunState.KEY)) {
      throw new IllegalArgumentException(
          "The state has the key '" + RunState.KEY + "', which the run uses itself. Rename it.");
    }
    requireModifiable(state);
    List<FabricDataLoader> loaders =
        setUp.stream().filter(loader -> !contains(state, loader)).toList();
    RunState position = new RunState(RowFingerprints.of(fabric.processGroup(), loaders));
    Map<String, Object> own = new HashMap<>();
    own.put(RunState.POSITION, position);
    own.put(LOADERS, new ArrayList<>(loaders));
    if (!contains(state, fabric)) {
      own.put(FABRIC, fabric);
    }
    return new RunContents(state, loaders, position, own);
  }

  private static void requireModifiable(Map<String, Object> state) {
    try {
      state.replaceAll((key, value) -> value);
    } catch (UnsupportedOperationException e) {
      throw new IllegalArgumentException(
          "The state is an unmodifiable Map, but its plain values are replaced by those of the"
              + " checkpoint. Pass a HashMap.",
          e);
    }
  }

  private static boolean contains(Object value, Object object) {
    if (value instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(element -> contains(element, object));
    }
    if (value instanceof List<?> list) {
      return list.stream().anyMatch(element -> contains(element, object));
    }
    return value == object;
  }

  /** Returns what to save. */
  Map<String, Object> all() {
    Map<String, Object> all = new HashMap<>(state);
    all.put(RunState.KEY, own);
    return all;
  }

  /** Something that restores a Map. */
  interface Restore {
    void into(Map<String, Object> target) throws IOException;
  }

  /** Restores both. */
  void restore(Restore restore) throws IOException {
    Map<String, Object> all = all();
    restore.into(all);
    state.replaceAll((key, value) -> all.get(key));
  }
}

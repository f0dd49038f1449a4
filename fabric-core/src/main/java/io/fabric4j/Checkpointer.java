package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.checkpoint.SavedEntry;
import io.fabric4j.internal.checkpoint.StateFile;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;

/** Saves and loads the state of a loop, with all ranks taking part. */
final class Checkpointer {
  private final CheckpointIO io;
  private final ProcessGroup group;
  private final NDManager manager;

  Checkpointer(CheckpointIO io, ProcessGroup group, NDManager manager) {
    this.io = io;
    this.group = group;
    this.manager = manager;
  }

  void save(String path, Map<String, ?> state) throws IOException {
    Map<String, SavedEntry> entries = new LinkedHashMap<>();
    state.forEach((key, value) -> entries.put(key, entry(key, value)));
    IOException failure = null;
    if (group.rank() == 0) {
      try {
        StateFile.write(io, path, entries);
      } catch (IOException e) {
        failure = e;
      }
    }
    String message = group.broadcastObject(failure == null ? "" : failure.getMessage(), 0);
    if (failure != null) {
      throw failure;
    }
    if (!message.isEmpty()) {
      throw new IOException("Rank 0 could not save the checkpoint: " + message);
    }
  }

  private static SavedEntry entry(String key, Object value) {
    if (value instanceof Stateful stateful) {
      return SavedEntry.ofState(stateful.stateDict());
    }
    if (value instanceof Block block) {
      return SavedEntry.ofState(FabricBlock.stateDict(block));
    }
    return SavedEntry.ofValue(key, value);
  }

  Map<String, Object> load(String path, Map<String, Object> state) throws IOException {
    try (NDManager scratch = manager.newSubManager()) {
      Map<String, SavedEntry> entries = StateFile.read(io, path, scratch);
      checkKeys(path, state, entries);
      Map<String, Object> rest = new LinkedHashMap<>();
      entries.forEach(
          (key, entry) -> {
            if (!state.containsKey(key)) {
              rest.put(key, keep(entry.toValue()));
            }
          });
      state.replaceAll((key, value) -> restore(value, entries.get(key)));
      return rest;
    } finally {
      group.barrier().waitFor();
    }
  }

  private static void checkKeys(
      String path, Map<String, Object> state, Map<String, SavedEntry> entries) {
    for (String key : state.keySet()) {
      if (!entries.containsKey(key)) {
        throw new NoSuchElementException(
            "The checkpoint "
                + path
                + " has no entry '"
                + key
                + "'. It has "
                + entries.keySet()
                + ". Nothing was restored.");
      }
    }
  }

  private Object restore(Object target, SavedEntry entry) {
    if (target instanceof Stateful stateful) {
      stateful.loadStateDict(entry.toState());
      return target;
    }
    if (target instanceof Block block) {
      FabricBlock.loadStateDict(block, entry.toState());
      return target;
    }
    return keep(entry.toValue());
  }

  /** Makes the arrays of a value outlive the scratch manager. */
  private Object keep(Object value) {
    if (value instanceof NDArray array) {
      array.attach(manager);
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(this::keep);
    }
    return value;
  }
}

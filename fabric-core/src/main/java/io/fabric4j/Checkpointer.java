package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.checkpoint.ShardedWeights;
import io.fabric4j.internal.checkpoint.StateFile;
import io.fabric4j.internal.checkpoint.StateSnapshot;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Saves and loads the state of a loop, with all ranks taking part. */
final class Checkpointer implements AutoCloseable {
  private final CheckpointIO io;
  private final ProcessGroup group;
  private final NDManager manager;

  /** Whether rank 0 may still be writing, also after a failed wait; equal on all ranks. */
  private boolean saving;

  private BackgroundSave running;

  Checkpointer(CheckpointIO io, ProcessGroup group, NDManager manager) {
    this.io = io;
    this.group = group;
    this.manager = manager;
  }

  /** Something that fails with an I/O error. */
  private interface Step {
    void run() throws IOException;
  }

  /** Runs a step on this rank; fails on every rank if it failed on one. */
  private void agree(String what, Step step) throws IOException {
    Exception failure = null;
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    List<String> messages =
        group.allGatherObject(failure == null ? "" : String.valueOf(failure.getMessage()));
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    for (int rank = 0; rank < messages.size(); rank++) {
      if (!messages.get(rank).isEmpty()) {
        throw new IOException("Rank " + rank + " could not " + what + ": " + messages.get(rank));
      }
    }
  }

  void save(String path, Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter)
      throws IOException {
    awaitSaves();
    agree("save the checkpoint", () -> write(path, gathering -> gathering.gather(state, filter)));
  }

  void saveRaw(String path, Object object) throws IOException {
    awaitSaves();
    agree("save the checkpoint", () -> write(path, gathering -> gathering.stateOf(path, object)));
  }

  private void write(String path, Function<StateGathering, Map<String, Object>> gather)
      throws IOException {
    try (NDManager scratch = manager.newSubManager()) {
      Map<String, Object> state = gather.apply(new StateGathering(scratch));
      if (group.rank() == 0) {
        try (StateSnapshot snapshot = StateSnapshot.of(state)) {
          snapshot.write(io, path);
        }
      }
    }
  }

  void saveAsync(String path, Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter)
      throws IOException {
    awaitSaves();
    agree(
        "save the checkpoint",
        () -> {
          try (NDManager scratch = manager.newSubManager()) {
            Map<String, Object> gathered = new StateGathering(scratch).gather(state, filter);
            if (group.rank() == 0) {
              running = new BackgroundSave(io, path, StateSnapshot.copyOf(gathered));
            }
          }
        });
    saving = true;
  }

  void awaitSaves() throws IOException {
    if (saving) {
      agree("save the checkpoint", this::finish);
      saving = false;
    }
  }

  /** Waits for the background save, if any; an interrupted wait can be repeated. */
  private void finish() throws IOException {
    if (running != null) {
      try {
        running.await();
      } finally {
        running = running.isDone() ? null : running;
      }
    }
  }

  Map<String, Object> load(String path, Map<String, Object> state, LoadOptions options)
      throws IOException {
    awaitSaves();
    StateRestore restore = new StateRestore(path, options.isStrict(), this::keep);
    Map<String, Object> rest = new TreeMap<>();
    try (NDManager scratch = manager.newSubManager()) {
      agree(
          "load the checkpoint",
          () -> rest.putAll(restore.map("", state, StateFile.read(io, path, scratch))));
      restore.apply();
      keep(rest);
    }
    group.barrier().waitFor();
    return rest;
  }

  void loadRaw(String path, Object target, LoadOptions options) throws IOException {
    awaitSaves();
    StateRestore restore = new StateRestore(path, options.isStrict(), this::keep);
    try (NDManager scratch = manager.newSubManager()) {
      agree(
          "load the checkpoint",
          () -> {
            if (!StateGathering.isObject(target)) {
              throw StateGathering.stateless(target);
            }
            Map<String, Object> state =
                ShardedWeights.isIndex(path)
                    ? ShardedWeights.read(io, path, scratch)
                    : StateFile.read(io, path, scratch);
            restore.object(target, renamed(state, options.names()));
          });
      restore.apply();
    }
    group.barrier().waitFor();
  }

  private static Map<String, Object> renamed(
      Map<String, Object> state, UnaryOperator<String> names) {
    Map<String, Object> result = new TreeMap<>();
    state.forEach(
        (name, value) -> {
          String renamed = names.apply(name);
          if (renamed != null && result.put(renamed, value) != null) {
            throw new IllegalArgumentException(
                "Two tensors are renamed to '"
                    + renamed
                    + "', one of them '"
                    + name
                    + "'. Give each its own name, or null to leave it out.");
          }
        });
    return result;
  }

  /** Makes the arrays of a value outlive the manager they were read into. */
  private Object keep(Object value) {
    if (value instanceof NDArray array) {
      array.attach(manager);
    } else if (value instanceof Map<?, ?> map) {
      map.values().forEach(this::keep);
    } else if (value instanceof List<?> list) {
      list.forEach(this::keep);
    }
    return value;
  }

  /** Waits for a background save of this rank; its failure is thrown. */
  @Override
  public void close() throws IOException {
    BackgroundSave save = running;
    running = null;
    if (save != null) {
      save.awaitUninterrupted();
    }
  }

  @Override
  public String toString() {
    return "the checkpoint writer";
  }
}

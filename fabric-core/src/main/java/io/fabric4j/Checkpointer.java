package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.checkpoint.CommitGuard;
import io.fabric4j.internal.checkpoint.ShardedWeights;
import io.fabric4j.internal.checkpoint.StateFile;
import io.fabric4j.internal.checkpoint.StateSnapshot;
import io.fabric4j.internal.run.RunFolder;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import java.util.function.UnaryOperator;

/** Saves and loads the state of a loop, with all ranks taking part. */
final class Checkpointer implements AutoCloseable {
  private static final int MAX_TRIES = 100;

  private final CheckpointIO io;
  private final ProcessGroup group;
  private final NDManager manager;
  private final Agreement agreement;
  private final ObjLongConsumer<String> saved;

  /** Whether rank 0 may still be writing, also after a failed wait; equal on all ranks. */
  private boolean saving;

  private BackgroundSave running;

  /**
   * Creates the checkpointer of a rank.
   *
   * @param saved told on rank 0 which file is complete, and its bytes; by the thread that wrote it
   */
  Checkpointer(
      CheckpointIO io, ProcessGroup group, NDManager manager, ObjLongConsumer<String> saved) {
    this.io = io;
    this.group = group;
    this.manager = manager;
    this.saved = saved;
    agreement = new Agreement(group);
  }

  CheckpointIO io() {
    return io;
  }

  void save(String path, Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter)
      throws IOException {
    awaitSaves();
    agreement.run(
        "save the checkpoint", () -> write(path, gathering -> gathering.gather(state, filter)));
  }

  void saveRaw(String path, Object object) throws IOException {
    awaitSaves();
    agreement.run(
        "save the checkpoint", () -> write(path, gathering -> gathering.stateOf(path, object)));
  }

  private void write(String path, Function<StateGathering, Map<String, Object>> gather)
      throws IOException {
    try (NDManager scratch = manager.newSubManager()) {
      Map<String, Object> state = gather.apply(new StateGathering(scratch));
      if (group.rank() == 0) {
        try (StateSnapshot snapshot = StateSnapshot.of(state)) {
          saved.accept(path, snapshot.write(io, path, CommitGuard.NONE));
        }
      }
    }
  }

  void saveAsync(String path, Map<String, ?> state, Map<String, BiPredicate<String, Object>> filter)
      throws IOException {
    saveAsync(path, state, filter, CommitGuard.NONE);
  }

  void saveAsync(
      String path,
      Map<String, ?> state,
      Map<String, BiPredicate<String, Object>> filter,
      CommitGuard guard)
      throws IOException {
    awaitSaves();
    agreement.run(
        "save the checkpoint",
        () -> {
          try (NDManager scratch = manager.newSubManager()) {
            Map<String, Object> gathered = new StateGathering(scratch).gather(state, filter);
            if (group.rank() == 0) {
              StateSnapshot snapshot = StateSnapshot.copyOf(gathered);
              running =
                  new BackgroundSave(
                      path, snapshot, () -> saved.accept(path, snapshot.write(io, path, guard)));
            }
          }
        });
    saving = true;
  }

  void awaitSaves() throws IOException {
    if (saving) {
      agreement.run("save the checkpoint", this::finish);
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
      agreement.run(
          "load the checkpoint",
          () -> rest.putAll(restore.map("", state, StateFile.read(io, path, scratch))));
      restore.apply();
      keep(rest);
    }
    group.barrier().waitFor();
    return rest;
  }

  /** Loads the newest complete checkpoint of a run, which may be written meanwhile. */
  Map<String, Object> loadNewest(String folder, Map<String, Object> state, LoadOptions options)
      throws IOException {
    for (int tries = 1; ; tries++) {
      String path = newest(folder);
      try {
        return load(path, state, options);
      } catch (IOException | RuntimeException e) {
        boolean replaced = group.rank() == 0 && tries < MAX_TRIES && !io.exists(path);
        if (!agreement.fromRankZero(replaced)) {
          throw e;
        }
      }
    }
  }

  private String newest(String folder) throws IOException {
    String[] path = new String[1];
    agreement.run(
        "find the newest checkpoint",
        () -> {
          if (group.rank() == 0) {
            RunFolder run = new RunFolder(io, folder);
            path[0] =
                run.newest()
                    .map(run::file)
                    .orElseThrow(
                        () ->
                            new FileNotFoundException(
                                "There is no complete checkpoint in "
                                    + folder
                                    + ". Name the folder of a run: its directory and its id."));
          }
        });
    return agreement.fromRankZero(path[0]);
  }

  void loadRaw(String path, Object target, LoadOptions options) throws IOException {
    awaitSaves();
    StateRestore restore = new StateRestore(path, options.isStrict(), this::keep);
    try (NDManager scratch = manager.newSubManager()) {
      agreement.run(
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
      save.close();
    }
  }

  @Override
  public String toString() {
    return "the checkpoint writer";
  }
}

package io.fabric4j;

import io.fabric4j.RunCheckpoints.Place;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.checkpoint.StateFile;
import io.fabric4j.internal.run.CheckpointName;
import io.fabric4j.internal.run.FinishedRun;
import io.fabric4j.internal.run.RunFolder;
import io.fabric4j.internal.run.RunState;
import io.fabric4j.internal.run.RunStorage;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes over a run and restores its newest checkpoint. */
final class RunResume {
  private static final Logger LOG = LoggerFactory.getLogger(RunResume.class);

  private final Fabric fabric;
  private final RunOptions options;
  private final CheckpointIO io;
  private final Checkpointer checkpointer;
  private final Agreement agreement;

  /** What rank 0 tells the others: which claim this is, and what to load, if there is something. */
  private record Found(int attempt, String path, ArrayList<ArrayList<String>> rows)
      implements Serializable {}

  RunResume(Fabric fabric, RunOptions options, Checkpointer checkpointer) {
    this.fabric = fabric;
    this.options = options;
    this.checkpointer = checkpointer;
    io = checkpointer.io();
    agreement = new Agreement(fabric.context().group());
  }

  /** See {@link Fabric#resume}. */
  FabricRun open(Map<String, Object> state, List<FabricDataLoader> loaders) throws IOException {
    RunContents contents = RunContents.of(fabric, state, loaders);
    if (options == null) {
      LOG.debug(
          "{} This run has no checkpoints, so that it cannot be resumed. Name its directory and id:"
              + " Fabric.builder().run(RunOptions.of(directory, id)), on Spark"
              + " spark.fabric.checkpoint-dir and spark.fabric.run-id.",
          fabric.rank().prefix());
      return run(new Place(null, 0), contents);
    }
    RunStorage[] storage = new RunStorage[1];
    try {
      agreement.run("take over the run", () -> storage[0] = claim());
      return run(restore(contents, storage[0]), contents);
    } catch (IOException | RuntimeException e) {
      giveUp(storage[0], e);
      throw e;
    }
  }

  private FabricRun run(Place place, RunContents contents) {
    return new FabricRun(
        new RunCheckpoints(options, checkpointer, agreement, place, contents.position().step()),
        contents);
  }

  private RunStorage claim() throws IOException {
    if (!fabric.isGlobalZero()) {
      return null;
    }
    RunWriter writer = options.writer() == null ? RunWriter.ofThisProcess() : options.writer();
    return RunStorage.open(io, options, writer, fabric.rank().host());
  }

  private Place restore(RunContents contents, RunStorage storage) throws IOException {
    Found[] found = new Found[1];
    agreement.run(
        "find the newest checkpoint", () -> found[0] = storage == null ? null : find(storage));
    Found newest = agreement.fromRankZero(found[0]);
    if (newest.path() != null) {
      checkExact(newest, contents.position());
      contents.restore(target -> checkpointer.load(newest.path(), target, LoadOptions.strict()));
      LOG.info(
          "{} goes on after step {} in epoch {}, from {}",
          fabric.rank().prefix(),
          contents.position().step(),
          contents.position().epoch(),
          newest.path());
    }
    return new Place(storage, newest.attempt());
  }

  private Found find(RunStorage storage) throws IOException {
    Optional<CheckpointName> newest = storage.folder().newest();
    if (newest.isEmpty()) {
      return new Found(storage.attempt(), null, new ArrayList<>());
    }
    String path = storage.folder().file(newest.get());
    ArrayList<ArrayList<String>> rows = new ArrayList<>();
    RunState.rows(StateFile.readValues(io, path))
        .orElse(List.of())
        .forEach(loader -> rows.add(new ArrayList<>(loader)));
    return new Found(storage.attempt(), path, rows);
  }

  private void checkExact(Found newest, RunState position) {
    Optional<String> difference =
        RowFingerprints.difference(List.copyOf(newest.rows()), position.rows());
    if (difference.isEmpty()) {
      return;
    }
    String message =
        "The run cannot go on exactly from %s: %s.".formatted(newest.path(), difference.get());
    if (options.exactResume() == RunOptions.ExactResume.REQUIRE) {
      throw new IllegalStateException(
          message
              + " Bring back the data and the number of ranks, choose another run id, or set"
              + " exactResume to warn. Nothing was restored.");
    }
    fabric.print("Warning: " + message + " Its numbers will differ.");
  }

  private static void giveUp(RunStorage storage, Exception failure) {
    if (storage != null) {
      try {
        storage.close();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
  }

  /**
   * Returns the result of the run, which may be null, on every rank; nothing if it has none yet.
   * Collective.
   */
  @SuppressWarnings("unchecked") // the run's function returned it
  <R> List<R> finished() throws IOException {
    if (options == null) {
      return List.of();
    }
    ArrayList<Serializable> results = new ArrayList<>();
    agreement.run(
        "look for the end of the run",
        () -> {
          if (fabric.isGlobalZero()) {
            FinishedRun.read(new RunFolder(io, options.folder()))
                .ifPresent(finished -> results.add((Serializable) finished.result()));
          }
        });
    List<R> all = (List<R>) agreement.fromRankZero(results);
    if (!all.isEmpty()) {
      fabric.print(
          "Run "
              + options.folder()
              + " has finished before, and its result is returned. To train on, choose another run"
              + " id or delete its file _finished.");
    }
    return all;
  }
}

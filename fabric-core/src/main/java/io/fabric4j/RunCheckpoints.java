package io.fabric4j;

import io.fabric4j.internal.checkpoint.CommitGuard;
import io.fabric4j.internal.run.CheckpointName;
import io.fabric4j.internal.run.RunState;
import io.fabric4j.internal.run.RunStorage;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Decides when a run saves, and saves it; without options never. All ranks make equal calls. */
final class RunCheckpoints implements AutoCloseable {
  private final RunOptions options;
  private final Checkpointer checkpointer;
  private final Agreement agreement;
  private final Place place;
  private long savedStep;

  /**
   * Where checkpoints go.
   *
   * @param storage on rank 0; null on the others
   * @param attempt part of the checkpoints' names
   */
  record Place(RunStorage storage, int attempt) {}

  /**
   * @param options null to save nothing
   * @param savedStep the step of the checkpoint that was loaded, 0 if there was none
   */
  RunCheckpoints(
      RunOptions options,
      Checkpointer checkpointer,
      Agreement agreement,
      Place place,
      long savedStep) {
    this.options = options;
    this.checkpointer = checkpointer;
    this.agreement = agreement;
    this.place = place;
    this.savedStep = savedStep;
  }

  private RunStorage storage() {
    return place.storage();
  }

  /** Fails on rank 0 if another writer has taken the run over. */
  void throwIfLost() {
    if (storage() != null) {
      storage().throwIfLost();
    }
  }

  boolean isDueAfterStep(long step) {
    return options != null && options.everySteps() > 0 && step - savedStep >= options.everySteps();
  }

  /** Returns whether to save after so many epochs, the last one aside. */
  boolean isDueAfterEpoch(int epochs) {
    return options != null && epochs % options.everyEpochs() == 0;
  }

  /** Starts to save what a run holds, unless nothing was done since the last time. */
  void save(RunContents contents) throws IOException {
    RunState position = contents.position();
    if (options == null || position.step() == savedStep) {
      return;
    }
    savedStep = position.step();
    CheckpointName name = new CheckpointName(savedStep, place.attempt());
    double metric = position.metrics().getOrDefault(options.retention().metric(), Double.NaN);
    checkpointer.saveAsync(
        options.folder() + "/" + name,
        contents.all(),
        Map.of(),
        storage() == null ? CommitGuard.NONE : storage().guard(name, metric));
  }

  void await() throws IOException {
    checkpointer.awaitSaves();
  }

  /** Returns the path of the best checkpoint, if any has a metric. */
  Optional<String> best() throws IOException {
    await();
    Optional<String> best = storage() == null ? Optional.empty() : storage().best();
    return Optional.ofNullable(agreement.fromRankZero(best.orElse(null)));
  }

  /** Notes what the run's function returned. */
  void finish(Object result) throws IOException {
    await();
    agreement.run(
        "note the end of the run",
        () -> {
          if (storage() != null) {
            storage().finish(result);
          }
        });
  }

  /** Waits for a save of this rank and gives the run up. */
  @Override
  public void close() throws IOException {
    try (RunStorage owned = storage()) {
      checkpointer.close();
    }
  }

  @Override
  public String toString() {
    return options == null ? "a run without checkpoints" : "run " + options.folder();
  }
}

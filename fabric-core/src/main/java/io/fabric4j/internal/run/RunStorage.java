package io.fabric4j.internal.run;

import io.fabric4j.RunOptions;
import io.fabric4j.RunWriter;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.checkpoint.CommitGuard;
import io.fabric4j.internal.checkpoint.StateFile;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of a run that this process owns: rank 0's. */
public final class RunStorage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunStorage.class);

  private final CheckpointIO io;
  private final RunFolder folder;
  private final RunOwner owner;
  private final Retained retained;

  private RunStorage(RunFolder folder, RunOwner owner, Retained retained) {
    this.folder = folder;
    this.owner = owner;
    this.retained = retained;
    io = folder.io();
  }

  /**
   * Takes the run over; see {@link RunOwner#claim}.
   *
   * @param host where this process runs, for messages
   */
  public static RunStorage open(CheckpointIO io, RunOptions options, RunWriter writer, String host)
      throws IOException {
    RunFolder folder = new RunFolder(io, options.folder());
    RunOwner owner = RunOwner.claim(folder, writer, host, options.ownerTimeout());
    try {
      Retained retained = new Retained(options.retention());
      for (CheckpointName name : folder.checkpoints()) {
        retained.add(name, metric(folder, name, options.retention()));
      }
      return new RunStorage(folder, owner, retained);
    } catch (IOException | RuntimeException e) {
      owner.close();
      throw e;
    }
  }

  private static double metric(
      RunFolder folder, CheckpointName name, RunOptions.Retention retention) {
    if (retention.best() == 0) {
      return Double.NaN;
    }
    try {
      return RunState.metrics(StateFile.readValues(folder.io(), folder.file(name)))
          .getOrDefault(retention.metric(), Double.NaN);
    } catch (IOException e) {
      LOG.warn("{} cannot be kept as one of the best: {}", name, e.getMessage());
      return Double.NaN;
    }
  }

  /** Returns which claim of the run this is, from 0. */
  public int attempt() {
    return owner.attempt();
  }

  public RunFolder folder() {
    return folder;
  }

  /** Fails if another writer is known to have taken the run over. */
  public void throwIfLost() {
    owner.throwIfLost();
  }

  /** Returns the path of the complete checkpoint with the best metric, if any has one. */
  public synchronized Optional<String> best() {
    return retained.best().map(folder::file);
  }

  /**
   * Returns what lets a checkpoint appear if this process still owns the run, and deletes those
   * that are no longer to be kept.
   *
   * @param metric by which the best are chosen, NaN if there is none
   */
  public CommitGuard guard(CheckpointName name, double metric) {
    return new CommitGuard() {
      @Override
      public boolean mayCommit() throws IOException {
        owner.check();
        if (!io.exists(folder.file(name))) {
          return true;
        }
        retain(name, metric); // an earlier try got through, but no answer came
        return false;
      }

      @Override
      public void committed() throws IOException {
        try {
          owner.check();
        } catch (RuntimeException e) {
          io.delete(folder.file(name)); // taken over between check and commit
          throw e;
        }
        retain(name, metric);
      }
    };
  }

  private synchronized void retain(CheckpointName name, double metric) {
    retained.add(name, metric);
    for (CheckpointName old : retained.superfluous()) {
      try {
        io.delete(folder.file(old));
        retained.remove(old);
      } catch (IOException e) {
        LOG.warn("A checkpoint stays until the next one is complete: {}", e.getMessage());
      }
    }
  }

  /** Notes the result of the run, so that it is not trained again. */
  public void finish(Object result) throws IOException {
    owner.check();
    FinishedRun.write(folder, result);
  }

  @Override
  public void close() throws IOException {
    owner.close();
  }
}

package io.fabric4j;

import io.fabric4j.internal.run.RunState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * A training run that goes on where it was when it died. {@link Fabric#resume} returns it:
 *
 * <pre>{@code
 * FabricRun run = fabric.resume(state);
 * for (int epoch : run.epochs(10)) {
 *   for (FabricBatch batch : run.iterate(train)) {
 *     ...
 *     optimizer.step();
 *     run.stepDone();
 *   }
 *   run.metric("accuracy", accuracy);
 * }
 * }</pre>
 *
 * <p>A run that died and one that did not end with the same numbers, if loops over data loaders go
 * through {@link #iterate}, what the loop adds up is in the state, and rows come in the same order.
 * With several ranks all must make the same calls.
 *
 * <p>Checkpoints are written by a thread of rank 0 and are never changed; see {@link RunOptions}
 * for which are kept.
 */
public final class FabricRun implements AutoCloseable {
  private final RunCheckpoints checkpoints;
  private final RunContents contents;
  private final List<FabricDataLoader> loaders;
  private final RunState position;

  /** How many loops of this epoch were completed before the run was resumed, by data loader. */
  private final int[] doneBefore;

  /** Whether a checkpoint is due when a loop asks for the next batch. */
  private boolean due;

  /** Loops over {@link #iterate} that have started in this epoch and not ended. */
  private int openLoops;

  FabricRun(RunCheckpoints checkpoints, RunContents contents) {
    this.checkpoints = checkpoints;
    this.contents = contents;
    loaders = contents.loaders();
    position = contents.position();
    doneBefore = new int[loaders.size()];
    Arrays.setAll(doneBefore, position::done);
  }

  /** Returns the running epoch, from 0; after the last one their number. */
  public int epoch() {
    return position.epoch();
  }

  /** Returns how often {@link #stepDone} was called since the start of the run. */
  public long step() {
    return position.step();
  }

  /**
   * Returns the epochs that are left, each of which ends with a checkpoint, unless the options
   * leave it out. When all have passed, the last checkpoint is complete.
   *
   * @param count epochs of the whole run
   * @throws UncheckedIOException from the iterator, if a checkpoint cannot be written
   */
  public Iterable<Integer> epochs(int count) {
    return () -> new Epochs(count);
  }

  /** The epochs that are left. */
  private final class Epochs implements Iterator<Integer> {
    private final int count;
    private boolean running;

    Epochs(int count) {
      this.count = count;
    }

    @Override
    public boolean hasNext() {
      if (running) {
        running = false;
        endEpoch(count);
      }
      return position.epoch() < count;
    }

    @Override
    public Integer next() {
      if (!hasNext()) {
        throw new NoSuchElementException("All " + count + " epochs of the run have passed.");
      }
      running = true;
      return position.epoch();
    }
  }

  private void endEpoch(int count) {
    loaders.forEach(FabricDataLoader::leave);
    position.endEpoch();
    openLoops = 0;
    Arrays.fill(doneBefore, 0);
    boolean last = position.epoch() >= count;
    if (last || checkpoints.isDueAfterEpoch(position.epoch())) {
      save();
    }
    if (last) {
      unchecked(checkpoints::await);
    }
  }

  private static void unchecked(Agreement.Step step) {
    try {
      step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns the batches of an epoch. In an epoch that is resumed, a loop that was completed before
   * has none, and the one that was interrupted goes on after the batch of the checkpoint.
   *
   * @param loader of {@code setupDataloaders}, called before {@link Fabric#resume}
   * @throws IllegalArgumentException if it is another
   */
  public Iterable<FabricBatch> iterate(FabricDataLoader loader) {
    int index = loaders.indexOf(loader);
    if (index < 0) {
      throw new IllegalArgumentException(
          "This data loader is none of the "
              + loaders.size()
              + " whose place the run keeps. Call fabric.setupDataloaders before fabric.resume, and"
              + " leave it out of the state.");
    }
    return () -> batches(loader, index);
  }

  private Iterator<FabricBatch> batches(FabricDataLoader loader, int index) {
    if (doneBefore[index] > 0) {
      doneBefore[index]--;
      return Collections.emptyIterator();
    }
    Iterator<FabricBatch> batches = loader.iterator();
    openLoops++;
    return new Iterator<>() {
      private boolean ended;

      @Override
      public boolean hasNext() {
        if (batches.hasNext()) {
          return true;
        }
        if (!ended) {
          ended = true;
          openLoops--;
          position.endLoop(index);
        }
        return false;
      }

      @Override
      public FabricBatch next() {
        if (due) {
          save();
        }
        return batches.next();
      }
    };
  }

  /**
   * Counts a step. Call it after {@code optimizer.step()}. If a checkpoint is due, it is saved in
   * the background: within a loop over {@link #iterate} when that is asked for the next batch, so
   * that it holds all that the loop does with this one, else at once.
   *
   * @throws UncheckedIOException if an earlier checkpoint could not be written; it names the path
   * @throws FabricException on rank 0, if another writer has taken the run over
   */
  public void stepDone() {
    position.endStep();
    checkpoints.throwIfLost();
    due = checkpoints.isDueAfterStep(position.step());
    if (due && openLoops == 0) {
      save();
    }
  }

  /**
   * Notes a value that the next checkpoints carry, for {@link RunOptions#keepBest}. Give every rank
   * the same one.
   */
  public void metric(String name, double value) {
    position.metrics().put(name, value);
  }

  /** Returns the value of a metric that was noted, also before the run was resumed. */
  public Optional<Double> metric(String name) {
    return Optional.ofNullable(position.metrics().get(name));
  }

  /**
   * Returns the path of the complete checkpoint with the best metric, if any has one. All ranks
   * must call it.
   *
   * @throws IOException if an earlier checkpoint could not be written
   */
  public Optional<String> best() throws IOException {
    return checkpoints.best();
  }

  private void save() {
    due = false;
    unchecked(() -> checkpoints.save(contents));
  }

  /** Notes what the run's function returned. Collective. */
  void finish(Object result) throws IOException {
    checkpoints.finish(result);
  }

  /** Waits for a save of this rank and gives the run up; {@link Fabric#close} does. */
  @Override
  public void close() throws IOException {
    checkpoints.close();
  }

  @Override
  public String toString() {
    return checkpoints.toString();
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.data.BatchSource;
import io.fabric4j.internal.data.BatchSpec;
import io.fabric4j.internal.data.EpochPlan;
import io.fabric4j.internal.data.IndexBatches;
import io.fabric4j.internal.data.WaitClock;
import io.fabric4j.monitoring.EpochProgress;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** One epoch of one rank. Closes each batch when the next one is asked for. */
final class BatchIterator implements Iterator<FabricBatch> {
  private final WaitClock clock = new WaitClock();
  private final LoopTimes times = new LoopTimes();
  private final BatchReader reader;
  private final BatchSource source;
  private final NDManager manager;
  private final BatchTracker tracker;
  private final long epoch;
  private final EpochPlan plan;
  private final long steps;
  private FabricBatch current;
  private long step;

  /**
   * Starts an epoch.
   *
   * @param spec what batches look like, if some rank has no rows
   */
  BatchIterator(
      BatchReader reader, IndexBatches rows, BatchSpec spec, BatchTracker tracker, long epoch) {
    this.reader = reader;
    this.tracker = tracker;
    this.epoch = epoch;
    plan = rows.plan();
    steps = plan.steps();
    step = rows.first();
    manager = reader.newEpochManager();
    source = reader.open(rows, spec);
    clock.go();
  }

  @Override
  public boolean hasNext() {
    if (step < steps) {
      return true;
    }
    close();
    return false;
  }

  @Override
  public FabricBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The epoch has " + steps + " batches, all were returned.");
    }
    if (Thread.currentThread().isInterrupted()) {
      throw interrupted(null);
    }
    closeBatch();
    clock.stop();
    current = reader.deliver(nextOfSource(), plan.share(step), manager);
    clock.go();
    step++;
    tracker.advance(this);
    return current;
  }

  private Batch nextOfSource() {
    try {
      return source.next();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  private FabricException interrupted(InterruptedException cause) {
    return new FabricException(
        "Interrupted before batch " + (step + 1) + " of " + steps + ".", cause);
  }

  /** Returns the share of the batch that was returned last. */
  BatchShare share() {
    return current.share();
  }

  long epoch() {
    return epoch;
  }

  /** Returns the number of batches of the epoch that were handed out. */
  long step() {
    return step;
  }

  /** Returns which share of its time the loop has waited for batches. */
  double waitShare() {
    return clock.share();
  }

  LoopTimes times() {
    return times;
  }

  EpochProgress progress() {
    return new EpochProgress(
        times.number(), epoch, step, steps, times.samples(), times.upToNow(clock.waitedNanos()));
  }

  boolean isRunning() {
    return manager.isOpen();
  }

  private void closeBatch() {
    if (current != null) {
      current.close();
      current = null;
    }
  }

  /** Ends the epoch; the loop around it, if any, is current again. */
  void close() {
    if (manager.isOpen()) {
      clock.stop();
      step = steps;
      tracker.end(this);
      closeBatch();
      source.close();
      manager.close();
    }
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.data.EpochPlan;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** One epoch of one rank. Closes each batch when the next one is asked for. */
final class BatchIterator implements Iterator<FabricBatch> {
  private final RankLoader loader;
  private final Iterator<Batch> source;
  private final NDManager manager;
  private final BatchTracker tracker;
  private final long epoch;
  private final EpochPlan plan;
  private final long steps;
  private FabricBatch current;
  private long step;

  BatchIterator(
      RankLoader loader,
      Iterator<Batch> source,
      NDManager manager,
      BatchTracker tracker,
      long epoch,
      long step) {
    this.loader = loader;
    this.source = source;
    this.manager = manager;
    this.tracker = tracker;
    this.epoch = epoch;
    this.step = step;
    this.plan = loader.plan();
    this.steps = plan.steps();
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
      throw new FabricException("Interrupted before batch " + (step + 1) + " of " + steps + ".");
    }
    closeBatch();
    BatchShare share = plan.share(step);
    current = source == null ? loader.zeros(manager, share) : loader.wrap(source.next(), share);
    step++;
    tracker.advance(this);
    return current;
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
      step = steps;
      tracker.end(this);
      closeBatch();
      manager.close();
    }
  }
}

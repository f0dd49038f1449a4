package io.fabric4j.internal.data;

import ai.djl.training.dataset.Batch;

/** The batches of one epoch in order, owned by the source. */
public interface BatchSource extends AutoCloseable {

  /**
   * Returns the next batch; the caller knows how many there are. Throws what the dataset throws.
   *
   * @throws InterruptedException if this thread is interrupted while it waits for the batch
   */
  Batch next() throws InterruptedException;

  /** Closes all batches that are still open. */
  @Override
  void close();
}

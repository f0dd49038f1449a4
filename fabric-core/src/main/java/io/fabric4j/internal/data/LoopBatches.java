package io.fabric4j.internal.data;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import java.util.function.Supplier;

/**
 * Batches that the loop's own thread prepares when it asks for them.
 *
 * @param reader prepares the next batch
 * @param owner of all batches
 */
public record LoopBatches(Supplier<Batch> reader, NDManager owner) implements BatchSource {

  @Override
  public Batch next() {
    return reader.get();
  }

  @Override
  public void close() {
    owner.close();
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.translate.Batchifier;
import io.fabric4j.internal.data.BatchShare;

/**
 * A batch of a {@link FabricDataLoader}: DJL's batch with its share of the global batch.
 *
 * <p>Arrays are on the rank's device, and so is what is computed from them; {@link #getManager}
 * owns both. It is closed when the loader is asked for the next one.
 */
public final class FabricBatch extends Batch {
  private final BatchShare share;
  private final Batch source;

  /**
   * @param manager owner of the arrays, and of what is computed from them
   * @param source the batch in CPU memory that was copied to the device, or null
   */
  FabricBatch(NDManager manager, NDList data, NDList labels, BatchShare share, Batch source) {
    super(
        manager,
        data,
        labels,
        share.rows(),
        Batchifier.STACK,
        Batchifier.STACK,
        share.progress(),
        share.progressTotal());
    this.share = share;
    this.source = source;
  }

  /**
   * Returns this rank's share of the rows that all ranks process in this step: 1 on a single rank,
   * {@code 1 / worldSize} for equal batches, 0 for a filler. The sum of {@code weight * loss} over
   * the ranks is the mean loss over the global batch.
   */
  public double weight() {
    return share.weight();
  }

  /**
   * Returns whether this rank has no rows left in this epoch and only keeps the others company. The
   * data of a filler has one or two arbitrary rows, {@link #getSize} is 0, and its forward and
   * backward change nothing.
   */
  public boolean isFiller() {
    return share.rows() == 0;
  }

  BatchShare share() {
    return share;
  }

  /** Frees the arrays, in CPU memory too. A batch that is closed already stays so. */
  @Override
  public void close() {
    if (getManager() != null) {
      super.close();
      if (source != null) {
        source.close();
      }
    }
  }
}

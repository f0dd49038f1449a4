package io.fabric4j.distributed;

import ai.djl.training.dataset.RandomAccessDataset;
import java.util.OptionalLong;

/**
 * Marks a DJL dataset that holds only this rank's rows. A data loader takes all of them and never
 * distributes them again; ranks may hold different numbers of rows, none included.
 */
public interface ShardedDataset {

  /**
   * Returns a hash of this rank's rows in their order, so that a resumed run can tell whether they
   * are the same again; empty if the dataset knows none. Equal rows in an equal order have equal
   * hashes; it differs between ranks.
   */
  default OptionalLong fingerprint() {
    return OptionalLong.empty();
  }

  /** Returns whether rows are read from a file, so that it pays to prepare batches ahead. */
  default boolean isOnDisk() {
    return false;
  }

  /**
   * Returns this rank's rows of an epoch for which the rows of all ranks are shuffled together and
   * dealt out anew: with the rows of rank 0, 1, ... numbered in a row, rank r gets those at the
   * positions r, r + worldSize, ... of the permutation that {@link DistributedSampler} draws from
   * {@code seed + epoch}, in that order. Each row is on one rank. This dataset stays as it is, so
   * that any epoch can be made again. Every rank must call it, with the same arguments. The caller
   * closes a result that is AutoCloseable.
   *
   * @throws UnsupportedOperationException if the dataset cannot exchange rows, as by default
   */
  default RandomAccessDataset reshuffle(ProcessGroup group, long seed, long epoch) {
    throw new UnsupportedOperationException(
        getClass().getName()
            + " cannot exchange rows between ranks. Leave reshuffleEachEpoch out, or implement"
            + " ShardedDataset.reshuffle.");
  }
}

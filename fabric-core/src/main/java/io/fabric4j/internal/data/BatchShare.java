package io.fabric4j.internal.data;

/**
 * A rank's part in one step.
 *
 * @param rows of this rank
 * @param globalRows of all ranks
 * @param firstRank the first rank that has rows in the step
 * @param progress rows of this rank so far in the epoch, this step included
 * @param progressTotal rows of this rank in the epoch
 */
public record BatchShare(
    int rows, long globalRows, int firstRank, long progress, long progressTotal) {

  /** Returns this rank's fraction of the step's rows. */
  public double weight() {
    return rows == globalRows ? 1 : (double) rows / globalRows;
  }
}

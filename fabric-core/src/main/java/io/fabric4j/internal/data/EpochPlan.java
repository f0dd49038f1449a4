package io.fabric4j.internal.data;

import java.util.List;

/**
 * How many rows each rank contributes to each step of an epoch. All ranks take equally many steps;
 * one that runs out of rows contributes none.
 *
 * @param rank this rank
 * @param rows of each rank in the epoch
 * @param batchSize rows per rank and step
 */
public record EpochPlan(int rank, List<Long> rows, int batchSize) {

  /** Returns the number of steps. */
  public long steps() {
    long longest = rows.stream().mapToLong(Long::longValue).max().orElse(0);
    return (longest + batchSize - 1) / batchSize;
  }

  /** Returns this rank's part in a step. */
  public BatchShare share(long step) {
    long global = 0;
    int firstRank = rows.size();
    for (int r = rows.size() - 1; r >= 0; r--) {
      int count = rowsAt(rows.get(r), step);
      global += count;
      firstRank = count > 0 ? r : firstRank;
    }
    long total = rows.get(rank);
    int own = rowsAt(total, step);
    return new BatchShare(own, global, firstRank, Math.min(total, (step + 1) * batchSize), total);
  }

  /** Returns the size of a batch without rows; batch normalisation needs two to train. */
  public int fillerRows() {
    return Math.min(batchSize, 2);
  }

  private int rowsAt(long total, long step) {
    return (int) Math.max(0, Math.min(batchSize, total - step * batchSize));
  }
}

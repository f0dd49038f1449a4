package io.fabric4j.internal.data;

import java.util.Collections;
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

  /**
   * Plans an epoch over datasets of unequal length.
   *
   * @param available rows of each rank's dataset
   * @throws IllegalStateException if only full batches shall be used, some ranks have one, and some
   *     have none
   */
  public static EpochPlan of(int rank, List<Long> available, LoaderSettings settings) {
    int batchSize = settings.batchSize();
    long longest = available.stream().mapToLong(Long::longValue).max().orElse(0);
    List<Long> rows = available;
    if (settings.padding()) {
      rows = rows.stream().map(count -> count == 0 ? 0 : longest).toList();
    }
    if (settings.dropLast()) {
      long shortest = rows.stream().mapToLong(Long::longValue).min().orElse(0);
      if (shortest < batchSize && longest >= batchSize) {
        throw new IllegalStateException(
            "dropLast leaves no batch: the ranks have "
                + available
                + " rows, and with batches of "
                + batchSize
                + " the shortest fills none. Use padding, a smaller batch size, or neither: then"
                + " ranks without rows wait with fillers.");
      }
      rows = Collections.nCopies(rows.size(), shortest - shortest % batchSize);
    }
    return new EpochPlan(rank, rows, batchSize);
  }

  /**
   * Returns the rows of this rank, repeated from the first on where the plan has more.
   *
   * @param order the rows of its dataset in visiting order
   */
  public long[] fill(long[] order) {
    int count = Math.toIntExact(rows.get(rank));
    if (count <= order.length) {
      return order;
    }
    long[] filled = new long[count];
    for (int i = 0; i < count; i++) {
      filled[i] = order[i % order.length];
    }
    return filled;
  }

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

package io.fabric4j.internal.data;

import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import io.fabric4j.FabricException;
import io.fabric4j.distributed.DistributedSampler;
import io.fabric4j.distributed.ProcessGroup;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The rows that a DJL sampler draws for one epoch at a time: one list for all ranks, drawn on rank
 * 0 and shared out, or a list of each rank's own.
 */
public final class SampledRows {
  private final RandomAccessDataset dataset;
  private final Sampler sampler;
  private final ProcessGroup group;
  private final boolean shared;
  private long[] list;
  private boolean used = true;

  /** What rank 0 tells the others: rows, or why there are none. */
  private record Drawn(long[] rows, String failure) implements Serializable {}

  /**
   * @param shared whether rank 0 draws for all
   */
  public SampledRows(
      RandomAccessDataset dataset, Sampler sampler, ProcessGroup group, boolean shared) {
    this.dataset = dataset;
    this.sampler = sampler;
    this.group = group;
    this.shared = shared;
  }

  /** Draws the rows of the next epoch. Collective. */
  public void draw() {
    Drawn drawn = null;
    RuntimeException failure = null;
    if (!shared || group.rank() == 0) {
      try {
        drawn = new Drawn(sample(), null);
      } catch (RuntimeException e) {
        failure = e;
        drawn = new Drawn(null, String.valueOf(e.getMessage()));
      }
    }
    drawn = shared ? group.broadcastObject(drawn, 0) : drawn;
    if (failure != null) {
      throw failure;
    }
    if (drawn.rows() == null) {
      throw new FabricException("Rank 0 could not draw the rows of an epoch: " + drawn.failure());
    }
    list = drawn.rows();
    used = false;
  }

  private long[] sample() {
    LongStream.Builder rows = LongStream.builder();
    for (Iterator<List<Long>> batches = sampler.sample(dataset); batches.hasNext(); ) {
      batches.next().forEach(rows::add);
    }
    long[] result = rows.build().toArray();
    checkRange(result);
    return result;
  }

  private void checkRange(long[] rows) {
    for (long row : rows) {
      if (row < 0 || row >= dataset.size()) {
        throw new IllegalArgumentException(
            "The sampler chose row "
                + row
                + ", but the dataset has "
                + dataset.size()
                + " rows, counted from 0.");
      }
    }
  }

  /** Returns whether an epoch has taken the list. */
  public boolean isUsed() {
    return used;
  }

  /** Returns this rank's rows and marks the list as used. */
  public long[] take() {
    used = true;
    return rows();
  }

  /** Returns this rank's rows; a shared list is filled up with its head. */
  public long[] rows() {
    if (!shared) {
      return list;
    }
    DistributedSampler positions =
        DistributedSampler.builder(list.length)
            .sequential()
            .replicas(group.size())
            .rank(group.rank())
            .build();
    return Arrays.stream(positions.indices(0)).map(position -> list[(int) position]).toArray();
  }

  /** Returns the shared list, or those of all ranks. Collective. */
  public List<long[]> lists() {
    return shared ? List.of(list) : group.allGatherObject(list);
  }

  /** Returns how many ranks draw. */
  public int drawers() {
    return shared ? 1 : group.size();
  }

  /** Checks that the dataset has the rows that {@link #restore} would take from saved lists. */
  public void check(List<long[]> lists) {
    if (lists.size() == drawers()) {
      checkRange(own(lists));
    }
  }

  /**
   * Makes the next epoch use saved lists.
   *
   * @return false if they were drawn by another number of ranks than draw here; nothing is changed
   */
  public boolean restore(List<long[]> lists) {
    if (lists.size() != drawers()) {
      return false;
    }
    list = own(lists);
    used = false;
    return true;
  }

  private long[] own(List<long[]> lists) {
    return lists.get(shared ? 0 : group.rank());
  }
}

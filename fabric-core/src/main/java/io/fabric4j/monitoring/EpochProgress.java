package io.fabric4j.monitoring;

import java.io.Serializable;

/**
 * How far a rank's loop over a data loader is, and where its time went.
 *
 * @param loop number of the loop among those in which this rank has called backward, from 0
 * @param epoch of the data loader
 * @param batches handed out so far
 * @param totalBatches of the epoch
 * @param samples rows of this rank so far in this loop
 * @param times since the loop began
 */
public record EpochProgress(
    int loop, long epoch, long batches, long totalBatches, long samples, StepTimes times)
    implements Serializable {

  /** Returns this rank's rows per second, 0 before time has passed. */
  public double samplesPerSecond() {
    return times.totalNanos() == 0 ? 0 : samples * 1e9 / times.totalNanos();
  }

  /**
   * Where a loop's time went, in nanoseconds of the rank's thread. On a GPU that is when work was
   * started, not when it was done.
   *
   * @param totalNanos since the loop began
   * @param dataNanos waiting for batches
   * @param forwardNanos in forwards of blocks that were set up; none where a captured step is
   *     replayed
   * @param backwardNanos computing gradients
   * @param syncNanos combining them with the other ranks', beyond what ran beside backward
   * @param optimizerNanos updating parameters
   */
  public record StepTimes(
      long totalNanos,
      long dataNanos,
      long forwardNanos,
      long backwardNanos,
      long syncNanos,
      long optimizerNanos)
      implements Serializable {

    /** Returns the rest: the loss, and what else the loop does. */
    public long otherNanos() {
      return totalNanos - dataNanos - forwardNanos - backwardNanos - syncNanos - optimizerNanos;
    }

    /** Returns which part of the time a section took, 0 to 1. */
    public double share(long nanos) {
      return totalNanos == 0 ? 0 : (double) nanos / totalNanos;
    }
  }
}

package io.fabric4j.distributed;

/**
 * Handle of a collective that was started. The arrays passed to the collective must not be read,
 * written or closed before {@link #waitFor()} has returned.
 */
public interface Work {

  /**
   * Blocks until the collective has completed on this rank.
   *
   * @throws ProcessGroupException if a peer failed, made a different call, or did not join before
   *     the deadline
   */
  void waitFor();

  /** Returns whether the collective has completed, with or without an error. */
  boolean isDone();
}

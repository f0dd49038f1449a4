package io.fabric4j.distributed;

/**
 * Handle of a collective that was started. The arrays passed to the collective must not be read,
 * written or closed before {@link #waitFor()} has returned. Waiting twice, or from another thread
 * that uses the arrays, is fine.
 */
public interface Work {

  /**
   * Returns when what follows on this thread sees the collective's result. On the CPU it blocks
   * until the collective has completed on this rank. On a GPU it only makes the device's default
   * stream wait, as torch does: an error of a peer may then show in a later call.
   *
   * @throws ProcessGroupException if a peer failed, made a different call, or did not join before
   *     the deadline
   */
  void waitFor();

  /** Returns whether the collective has completed, with or without an error. */
  boolean isDone();
}

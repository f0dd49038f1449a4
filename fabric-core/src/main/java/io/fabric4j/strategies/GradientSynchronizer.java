package io.fabric4j.strategies;

/** What a strategy does for one model around forward and backward. */
public interface GradientSynchronizer extends AutoCloseable {

  /**
   * Runs before each training forward.
   *
   * @param source a rank that has rows in this step, the same one on every rank; what forwards
   *     change, such as running statistics, is to follow it
   */
  void beforeForward(int source);

  /** Runs after each backward, with this rank's gradients accumulated. */
  void afterBackward();

  /** Releases what the synchronizer holds. */
  @Override
  void close();
}

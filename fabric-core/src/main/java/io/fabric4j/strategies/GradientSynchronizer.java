package io.fabric4j.strategies;

/** What a strategy does for one model around forward and backward. */
public interface GradientSynchronizer extends AutoCloseable {

  /** Runs before each training forward. */
  void beforeForward();

  /** Runs after each backward, with this rank's gradients accumulated. */
  void afterBackward();

  /** Releases what the synchronizer holds. */
  @Override
  void close();
}

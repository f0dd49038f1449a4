package io.fabric4j.strategies;

/** What a strategy does for one model around forward, backward and optimizer step. */
public interface GradientSynchronizer extends AutoCloseable {

  /**
   * Runs before each training forward whose backward is to be reduced.
   *
   * @param source a rank that has rows in this step, the same one on every rank; what forwards
   *     change, such as running statistics, is to follow it
   */
  void beforeForward(int source);

  /**
   * Runs before a backward that is not part of a longer accumulation window and communicates
   * nothing else: what it completes early may be reduced before {@link #afterBackward}.
   */
  default void beforeBackward() {}

  /** Runs after each backward, with this rank's gradients accumulated. */
  void afterBackward();

  /**
   * Returns the elements of a group that this rank updates and keeps optimizer state for, the same
   * ones throughout; by default all. Slices of the ranks are either all whole, or equal parts in
   * rank order.
   */
  default FlatSlice slice(FlatBuffers group) {
    return new FlatSlice(0, group.length());
  }

  /** Runs after each optimizer step, with this rank's slice of the group's parameters updated. */
  default void afterStep(FlatBuffers group) {}

  /** Says in a few words how gradients are combined, for {@code Fabric.explain}. */
  default String describe() {
    return "kept as they are";
  }

  /** Releases what the synchronizer holds. */
  @Override
  void close();
}

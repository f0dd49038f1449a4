package io.fabric4j;

import java.util.Map;

/**
 * Something whose state goes into a checkpoint. A state belongs to one rank, and both methods may
 * be collectives: every rank calls them for the same objects in the same order.
 */
public interface Stateful {

  /**
   * Returns the state: NDArrays, which are not copied, and plain values (String, Boolean, Number,
   * and Lists and Maps of them). Rank 0's is saved.
   */
  Map<String, Object> stateDict();

  /**
   * Checks whether {@link #loadStateDict} would take a state, and changes nothing. {@link
   * Fabric#load} checks all objects before it restores any.
   *
   * @throws IllegalArgumentException if it would not
   */
  default void checkStateDict(Map<String, Object> state) {}

  /**
   * Takes over a state. NDArrays are copied into the existing ones.
   *
   * @throws IllegalArgumentException if names or shapes do not fit; nothing has been changed then
   */
  void loadStateDict(Map<String, Object> state);
}

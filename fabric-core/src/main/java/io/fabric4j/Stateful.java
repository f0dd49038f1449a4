package io.fabric4j;

import java.util.Map;

/** Something whose state goes into a checkpoint. */
public interface Stateful {

  /**
   * Returns the state: NDArrays, which are not copied, and plain values (String, Boolean, Number,
   * and Lists and Maps of them).
   */
  Map<String, Object> stateDict();

  /**
   * Takes over a state. NDArrays are copied into the existing ones.
   *
   * @throws IllegalArgumentException if names or shapes do not fit; nothing has been changed then
   */
  void loadStateDict(Map<String, Object> state);
}

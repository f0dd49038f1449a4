package io.fabric4j.internal.optim;

import java.util.Map;

/** Where a loaded optimizer state goes. */
public interface StateTarget extends AutoCloseable {

  /** Returns the arrays to write into, by {@code <state>.<parameter>}. */
  Map<String, Object> arrays();

  /** Makes what was written the optimizer's state. */
  void commit();

  /** Releases copies. */
  @Override
  void close();

  /** Returns a target whose arrays are the live state. */
  static StateTarget live(Map<String, Object> arrays) {
    return new StateTarget() {
      @Override
      public Map<String, Object> arrays() {
        return arrays;
      }

      @Override
      public void commit() {}

      @Override
      public void close() {}
    };
  }
}

package io.fabric4j.internal;

import io.fabric4j.FabricException;

/** The result of a JVM's one attempt to load something. */
public final class LoadAttempt {
  private final FabricException failure;

  private LoadAttempt(FabricException failure) {
    this.failure = failure;
  }

  public static LoadAttempt make(Runnable loading) {
    try {
      loading.run();
      return new LoadAttempt(null);
    } catch (FabricException e) {
      return new LoadAttempt(e);
    }
  }

  /** Throws if the attempt failed; the cause has the first attempt's stack, which tells most. */
  public void requireSuccess() {
    if (failure != null) {
      throw new FabricException(failure.getMessage(), failure);
    }
  }
}

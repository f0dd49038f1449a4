package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.Work;

/** A collective that completed inside its call. */
enum CompletedWork implements Work {
  INSTANCE;

  @Override
  public void waitFor() {
    // Nothing is pending.
  }

  @Override
  public boolean isDone() {
    return true;
  }
}

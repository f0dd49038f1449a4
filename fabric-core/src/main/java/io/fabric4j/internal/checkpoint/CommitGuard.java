package io.fabric4j.internal.checkpoint;

import java.io.IOException;

/** Stands by when a file is about to appear. */
public interface CommitGuard {
  /** Lets everything pass. */
  CommitGuard NONE = () -> true;

  /**
   * Returns whether the file still has to appear.
   *
   * @throws RuntimeException if it must not
   */
  boolean mayCommit() throws IOException;

  /** Called when the file is there. */
  default void committed() throws IOException {}
}

package io.fabric4j;

import io.fabric4j.distributed.ProcessGroup;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;

/** Makes a failure of one rank one of all. */
final class Agreement {
  private final ProcessGroup group;

  Agreement(ProcessGroup group) {
    this.group = group;
  }

  /** Returns rank 0's object on every rank. Collective. */
  <T extends Serializable> T fromRankZero(T object) {
    return group.broadcastObject(object, 0);
  }

  /** Something that fails with an I/O error. */
  interface Step {
    void run() throws IOException;
  }

  /** Runs a step on this rank; fails on every rank if it failed on one. Collective. */
  void run(String what, Step step) throws IOException {
    Exception failure = null;
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      failure = e;
    }
    List<String> messages =
        group.allGatherObject(failure == null ? "" : String.valueOf(failure.getMessage()));
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    for (int rank = 0; rank < messages.size(); rank++) {
      if (!messages.get(rank).isEmpty()) {
        throw new IOException("Rank " + rank + " could not " + what + ": " + messages.get(rank));
      }
    }
  }
}

package io.fabric4j;

import io.fabric4j.internal.data.BatchShare;
import java.util.ArrayList;
import java.util.List;

/** Remembers, for a rank's thread, the share of the batch that its loop is working on. */
final class BatchTracker {
  /** The running loops, outermost first. */
  private final List<BatchIterator> loops = new ArrayList<>();

  /** Returns the share of the innermost loop's batch, or null outside of loops. */
  BatchShare current() {
    return loops.isEmpty() ? null : loops.get(loops.size() - 1).share();
  }

  /** A loop takes its next batch, which ends the loops inside of it that were left early. */
  void advance(BatchIterator loop) {
    int index = loops.indexOf(loop);
    if (index < 0) {
      loops.add(loop);
    } else {
      loops.subList(index + 1, loops.size()).clear();
    }
  }

  void end(BatchIterator loop) {
    loops.remove(loop);
  }
}

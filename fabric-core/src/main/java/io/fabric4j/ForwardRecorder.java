package io.fabric4j;

import java.util.ArrayList;
import java.util.List;

/** Which blocks a recorded step runs forward, so that a replay can announce them. */
final class ForwardRecorder {
  private List<BlockRuntime> forwards;

  /** Returns the blocks whose forwards the code runs, in order. */
  List<BlockRuntime> record(Runnable code) {
    forwards = new ArrayList<>();
    try {
      code.run();
      return forwards;
    } finally {
      forwards = null;
    }
  }

  /** Notes a forward while a step is recorded; false otherwise. */
  boolean note(BlockRuntime runtime) {
    return forwards != null && forwards.add(runtime);
  }
}

package io.fabric4j.internal.distributed;

import com.sun.jna.Native;

/** The processor core that the calling thread runs on. */
final class Core {
  static {
    Native.register(Core.class, "c");
  }

  private Core() {}

  private static native int sched_getcpu();

  /** Returns the core's number; the thread may have left it since. */
  static int current() {
    return sched_getcpu();
  }
}

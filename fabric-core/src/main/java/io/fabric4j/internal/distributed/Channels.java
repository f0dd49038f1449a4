package io.fabric4j.internal.distributed;

import java.io.Closeable;
import java.io.IOException;

/** Closes what is given up anyway, so that an error in closing tells nothing. */
final class Channels {
  private Channels() {}

  static void close(Closeable channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      // Nothing depends on it any more.
    }
  }
}

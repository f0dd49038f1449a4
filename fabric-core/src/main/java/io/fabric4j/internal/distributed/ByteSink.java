package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a peer is sent, in clear. */
interface ByteSink {

  /**
   * Writes what the connection takes, without waiting. What a call leaves has to come first in the
   * next one: it may have been encrypted already.
   *
   * @return the bytes taken from the buffers
   */
  long write(ByteBuffer... parts) throws IOException;
}

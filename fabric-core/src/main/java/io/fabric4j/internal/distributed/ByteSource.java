package io.fabric4j.internal.distributed;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What a peer sends, in clear. */
interface ByteSource {

  /**
   * Reads what is there, without waiting.
   *
   * @return the bytes read, 0 if nothing more can be read now, -1 at the end of the stream
   */
  int read(ByteBuffer target) throws IOException;
}

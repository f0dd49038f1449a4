package io.fabric4j.internal.nccl;

import org.bytedeco.cuda.nccl.ncclConfig_t;
import org.bytedeco.javacpp.BytePointer;

/** Options of a communicator, laid out as in NCCL 2.18; newer versions set the rest. */
final class NcclConfig {
  private static final int BYTES = 48;
  private static final int MAGIC = 0xcafebeef;
  private static final int VERSION = 21800;
  private static final int UNDEFINED = Integer.MIN_VALUE;

  private NcclConfig() {}

  /** Returns options with which no call waits for a peer. */
  static ncclConfig_t nonBlocking() {
    return new ncclConfig_t()
        .size(BYTES)
        .magic(MAGIC)
        .version(VERSION)
        .blocking(0)
        .cgaClusterSize(UNDEFINED)
        .minCTAs(UNDEFINED)
        .maxCTAs(UNDEFINED)
        .netName((BytePointer) null)
        .splitShare(UNDEFINED);
  }
}

package io.fabric4j.distributed;

import java.util.OptionalLong;

/**
 * Marks a DJL dataset that holds only this rank's rows. A data loader takes all of them and never
 * distributes them again; ranks may hold different numbers of rows, none included.
 */
public interface ShardedDataset {

  /**
   * Returns a hash of this rank's rows in their order, so that a resumed run can tell whether they
   * are the same again; empty if the dataset knows none. Equal rows in an equal order have equal
   * hashes; it differs between ranks.
   */
  default OptionalLong fingerprint() {
    return OptionalLong.empty();
  }
}

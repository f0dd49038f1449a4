package io.fabric4j.spark.internal.data;

import java.util.Arrays;
import org.apache.spark.sql.catalyst.expressions.XXH64;

/**
 * Puts rows in an order that depends on the rows alone: by a hash of 64 bits, so only equal rows,
 * and rows of equal hashes, may trade places.
 */
final class RowHashes {
  private long[] hashes = new long[1024];
  private int count;

  void add(long hash) {
    if (count == hashes.length) {
      hashes = Arrays.copyOf(hashes, (int) Math.min(Integer.MAX_VALUE - 8L, 2L * count));
    }
    hashes[count++] = hash;
  }

  /** Returns the rows in order. */
  int[] order() {
    long index = Math.max(1, Long.highestOneBit(count) * 2) - 1;
    long[] keys = new long[count];
    for (int i = 0; i < count; i++) {
      keys[i] = (hashes[i] & ~index) | i;
    }
    BucketSort.sort(keys);
    int[] order = new int[count];
    for (int i = 0; i < count; i++) {
      order[i] = (int) (keys[i] & index);
      sink(order, i, ~index);
    }
    return order;
  }

  /** Where the bits of the hash that fit into a key are equal, the others decide. */
  private void sink(int[] order, int last, long keyBits) {
    for (int i = last; i > 0; i--) {
      long before = hashes[order[i - 1]];
      long after = hashes[order[i]];
      if (((before ^ after) & keyBits) != 0 || before <= after) {
        return;
      }
      int row = order[i];
      order[i] = order[i - 1];
      order[i - 1] = row;
    }
  }

  /** Returns a hash of all rows in an order. */
  long fingerprint(int[] order) {
    long fingerprint = 0;
    for (int row : order) {
      fingerprint = append(fingerprint, hashes[row]);
    }
    return fingerprint;
  }

  /** Continues a hash of rows with that of the next row. */
  static long append(long fingerprint, long hash) {
    return XXH64.hashLong(hash, fingerprint);
  }
}

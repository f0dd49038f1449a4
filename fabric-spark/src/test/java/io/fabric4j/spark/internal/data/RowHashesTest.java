package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class RowHashesTest {

  private static long[] sorted(long... hashes) {
    RowHashes rows = new RowHashes();
    for (long hash : hashes) {
      rows.add(hash);
    }
    int[] order = rows.order();
    return LongStream.range(0, order.length).map(i -> hashes[order[(int) i]]).toArray();
  }

  @Test
  void sortsByAllBits() {
    long[] random = new Random(1).longs(5000).toArray();

    assertThat(sorted(random)).isSorted().hasSize(5000).contains(random);
    assertThat(sorted(5, 3, 4, 3, -1, Long.MIN_VALUE, 2, 1, 0)).isSorted();
    assertThat(sorted()).isEmpty();
    assertThat(sorted(9)).containsExactly(9);
  }

  @Test
  void hashesAllRowsInOrder() {
    RowHashes rows = new RowHashes();
    rows.add(1);
    rows.add(2);

    assertThat(rows.fingerprint(new int[] {0, 1}))
        .isNotEqualTo(rows.fingerprint(new int[] {1, 0}))
        .isEqualTo(RowHashes.append(RowHashes.append(0, 1), 2));
  }
}

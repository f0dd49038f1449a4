package io.fabric4j.spark.internal.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BucketSortTest {

  @Test
  void sortsEvenlySpreadNumbers() {
    for (int count : new int[] {0, 1, 2, 31, 32, 33, 1000, 300_000}) {
      assertSorts(new Random(count).longs(count).toArray());
    }
  }

  @Test
  void sortsNumbersThatShareABucket() {
    assertSorts(new Random(1).longs(50_000, -3, 3).toArray());
    assertSorts(LongStream.range(0, 50_000).map(i -> -i).toArray());
    assertSorts(LongStream.range(0, 50_000).map(i -> i % 2 == 0 ? Long.MIN_VALUE : i).toArray());
  }

  private static void assertSorts(long[] numbers) {
    long[] expected = numbers.clone();
    Arrays.sort(expected);

    BucketSort.sort(numbers);

    assertThat(numbers).isEqualTo(expected);
  }
}

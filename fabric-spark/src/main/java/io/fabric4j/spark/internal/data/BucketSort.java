package io.fabric4j.spark.internal.data;

import java.util.Arrays;

/**
 * Sorts numbers that are spread evenly, as hashes are, in a fraction of the time of Java's sort.
 */
final class BucketSort {
  private static final int MEAN_SIZE = 8;
  private static final int MAX_BITS = 20;
  private static final int FEW = 32;

  private BucketSort() {}

  /** Sorts in ascending order, whatever the numbers are; evenly spread ones fast. */
  static void sort(long[] numbers) {
    int bits =
        Math.min(MAX_BITS, 31 - Integer.numberOfLeadingZeros(numbers.length / MEAN_SIZE | 1));
    if (bits < 2) {
      Arrays.sort(numbers);
      return;
    }
    int shift = Long.SIZE - bits;
    int[] ends = ends(numbers, bits);
    long[] source = numbers.clone();
    int[] next = new int[ends.length];
    System.arraycopy(ends, 0, next, 1, ends.length - 1);
    for (long number : source) {
      numbers[next[bucket(number, shift)]++] = number;
    }
    int start = 0;
    for (int end : ends) {
      sort(numbers, start, end);
      start = end;
    }
  }

  /** Returns where each bucket ends. */
  private static int[] ends(long[] numbers, int bits) {
    int[] ends = new int[1 << bits];
    for (long number : numbers) {
      ends[bucket(number, Long.SIZE - bits)]++;
    }
    for (int i = 1; i < ends.length; i++) {
      ends[i] += ends[i - 1];
    }
    return ends;
  }

  /** The highest bits, with the sign such that negative numbers come first. */
  private static int bucket(long number, int shift) {
    return (int) ((number ^ Long.MIN_VALUE) >>> shift);
  }

  private static void sort(long[] numbers, int start, int end) {
    if (end - start > FEW) {
      Arrays.sort(numbers, start, end);
      return;
    }
    for (int i = start + 1; i < end; i++) {
      long number = numbers[i];
      int place = i;
      for (; place > start && numbers[place - 1] > number; place--) {
        numbers[place] = numbers[place - 1];
      }
      numbers[place] = number;
    }
  }
}

package io.fabric4j.spark.examples;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Gray images of one size with a label each. The driver builds it, ranks receive it; nobody writes
 * to its arrays.
 *
 * @param rows height of an image
 * @param cols width of an image
 * @param pixels unsigned bytes {@code (size, rows, cols)}, 0 is the background
 * @param labels the class of each image
 */
record LabeledImages(int rows, int cols, byte[] pixels, byte[] labels) implements Serializable {

  LabeledImages {
    requireNonNull(pixels, "pixels is null");
    requireNonNull(labels, "labels is null");
    if (rows < 1 || cols < 1 || pixels.length != (long) labels.length * rows * cols) {
      throw new IllegalArgumentException(
          "%d pixels do not make %d images of %d x %d. Pass rows x cols pixels for each label."
              .formatted(pixels.length, labels.length, rows, cols));
    }
  }

  int size() {
    return labels.length;
  }

  /** Returns a copy of the images {@code from} (inclusive) to {@code to} (exclusive). */
  LabeledImages slice(int from, int to) {
    int area = rows * cols;
    return new LabeledImages(
        rows,
        cols,
        Arrays.copyOfRange(pixels, from * area, to * area),
        Arrays.copyOfRange(labels, from, to));
  }
}

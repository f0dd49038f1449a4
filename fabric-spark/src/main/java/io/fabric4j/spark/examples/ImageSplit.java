package io.fabric4j.spark.examples;

/** Images to train on and images held out to measure accuracy. */
record ImageSplit(LabeledImages train, LabeledImages test) {

  /**
   * Takes the first 80 % of the rows to train and the rest to test.
   *
   * @throws IllegalArgumentException if there are fewer than two images
   */
  static ImageSplit of(LabeledImages all) {
    int size = all.size();
    if (size < 2) {
      throw new IllegalArgumentException(
          "Cannot split %d image(s) into train and test: both need at least one. Add images."
              .formatted(size));
    }
    int trainRows = (int) (size * 8L / 10);
    return new ImageSplit(all.slice(0, trainRows), all.slice(trainRows, size));
  }
}

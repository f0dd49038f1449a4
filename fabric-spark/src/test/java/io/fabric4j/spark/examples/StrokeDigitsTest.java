package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StrokeDigitsTest {

  @Test
  void drawsTheSameImagesFromTheSameSeed() {
    LabeledImages once = StrokeDigits.draw(100, 7);
    LabeledImages again = StrokeDigits.draw(100, 7);

    assertThat(again.pixels()).isEqualTo(once.pixels());
    assertThat(again.labels()).isEqualTo(once.labels());
  }

  @Test
  void drawsEachImageFromSeedAndIndexAlone() {
    LabeledImages few = StrokeDigits.draw(25, 7);
    LabeledImages many = StrokeDigits.draw(100, 7).slice(0, 25);

    assertThat(few.pixels()).isEqualTo(many.pixels());
    assertThat(few.labels()).isEqualTo(many.labels());
  }

  @Test
  void drawsOtherImagesFromAnotherSeed() {
    LabeledImages seven = StrokeDigits.draw(100, 7);
    LabeledImages eight = StrokeDigits.draw(100, 8);

    assertThat(eight.pixels()).isNotEqualTo(seven.pixels());
    assertThat(eight.labels()).isNotEqualTo(seven.labels());
  }

  @Test
  void holdsEachDigitOnceInEveryTenImages() {
    LabeledImages images = StrokeDigits.draw(200, 7);

    for (int from = 0; from < images.size(); from += 10) {
      assertThat(images.slice(from, from + 10).labels())
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }
  }

  @Test
  void isLearnableButNotTrivial() {
    ImageSplit sets = ImageSplit.of(StrokeDigits.draw(5000, 7));

    double accuracy = accuracyOfNearestMean(sets.train(), sets.test());

    assertThat(accuracy).isBetween(0.5, 0.9);
  }

  private static double accuracyOfNearestMean(LabeledImages train, LabeledImages test) {
    double[][] means = new double[10][train.rows() * train.cols()];
    for (int row = 0; row < train.size(); row++) {
      for (int i = 0; i < means[0].length; i++) {
        means[train.labels()[row]][i] += pixel(train, row, i) * 10 / train.size();
      }
    }
    int right = 0;
    for (int row = 0; row < test.size(); row++) {
      double[] distances = new double[10];
      for (int digit = 0; digit < 10; digit++) {
        for (int i = 0; i < means[0].length; i++) {
          double difference = means[digit][i] - pixel(test, row, i);
          distances[digit] += difference * difference;
        }
      }
      double least = Arrays.stream(distances).min().orElseThrow();
      right += distances[test.labels()[row]] == least ? 1 : 0;
    }
    return (double) right / test.size();
  }

  private static double pixel(LabeledImages images, int row, int i) {
    return images.pixels()[row * images.rows() * images.cols() + i] & 0xff;
  }
}

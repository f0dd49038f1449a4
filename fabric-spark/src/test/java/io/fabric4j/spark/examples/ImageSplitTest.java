package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageSplitTest {

  @ParameterizedTest
  @CsvSource({"2, 1", "9, 7", "10, 8", "10000, 8000"})
  void trainsOnTheFirstFourFifths(int size, int trainRows) {
    ImageSplit sets = ImageSplit.of(images(size));

    assertThat(sets.train().size()).isEqualTo(trainRows);
    assertThat(sets.test().size()).isEqualTo(size - trainRows);
  }

  @Test
  void keepsPixelsWithTheirLabels() {
    LabeledImages test = ImageSplit.of(images(10)).test();

    assertThat(test.labels()).containsExactly(8, 9);
    assertThat(test.pixels()).containsExactly(16, 17, 18, 19);
  }

  @Test
  void rejectsOneImage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageSplit.of(images(1)))
        .withMessage(
            "Cannot split 1 image(s) into train and test: both need at least one. Add images.");
  }

  @Test
  void rejectsPixelsThatMakeNoWholeImages() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LabeledImages(2, 3, new byte[11], new byte[2]))
        .withMessage(
            "11 pixels do not make 2 images of 2 x 3. Pass rows x cols pixels for each label.");
  }

  /** Images of 1 x 2 whose pixels, like their labels, count up from 0. */
  private static LabeledImages images(int size) {
    byte[] pixels = new byte[2 * size];
    byte[] labels = new byte[size];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) i;
      labels[i / 2] = (byte) (i / 2);
    }
    return new LabeledImages(1, 2, pixels, labels);
  }
}

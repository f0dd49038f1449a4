package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MnistFolderTest {
  @TempDir private Path folder;

  @Test
  void takesTrainAndTestFilesAsTheyAre() throws IOException {
    write("train-images-idx3-ubyte", IdxFiles.images(30));
    write("train-labels-idx1-ubyte.gz", IdxFiles.gzip(IdxFiles.labels(30)));
    write("t10k-images-idx3-ubyte.gz", IdxFiles.gzip(IdxFiles.images(20)));
    write("t10k-labels-idx1-ubyte", IdxFiles.labels(20));

    ImageSplit sets = MnistFolder.read(folder);

    assertThat(sets.train().size()).isEqualTo(30);
    assertThat(sets.test().size()).isEqualTo(20);
    assertThat(sets.test().rows()).isEqualTo(2);
    assertThat(sets.test().cols()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({
    "train-images.idx3-ubyte, train-labels.idx1-ubyte",
    "train-images.idx3-ubyte.gz, train-labels.idx1-ubyte.gz",
    "t10k-images.idx3-ubyte, t10k-labels-idx1-ubyte"
  })
  void splitsTheOnlySet(String imagesName, String labelsName) throws IOException {
    write(imagesName, IdxFiles.images(20));
    write(labelsName, IdxFiles.labels(20));

    ImageSplit sets = MnistFolder.read(folder);

    assertThat(sets.train().size()).isEqualTo(16);
    assertThat(sets.test().labels()).containsExactly(6, 7, 8, 9);
  }

  @Test
  void readsMnist() throws IOException {
    Path mnist = sharedMnist();
    assumeTrue(Files.isDirectory(mnist), () -> "skipped: no MNIST files in " + mnist);

    ImageSplit sets = MnistFolder.read(mnist);

    assertThat(sets.train().size()).isEqualTo(8000);
    assertThat(sets.test().size()).isEqualTo(2000);
    assertThat(sets.train().rows()).isEqualTo(28);
    assertThat(sets.train().cols()).isEqualTo(28);
    assertThat(sets.train().labels()).startsWith(7, 2, 1, 0, 4);
  }

  @Test
  void rejectsMissingFolder() {
    Path missing = folder.resolve("missing");

    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(missing))
        .withMessage(
            "%s is not a folder. Pass a local folder of the driver with IDX files, "
                + "or omit --data to train on drawn digits.",
            missing);
  }

  @Test
  void namesTheFilesItMissesInAnEmptyFolder() {
    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(folder))
        .withMessage(
            "%s has no MNIST files. Looked for images [t10k-images-idx3-ubyte, "
                + "t10k-images-idx3-ubyte.gz, t10k-images.idx3-ubyte, t10k-images.idx3-ubyte.gz] "
                + "with labels [t10k-labels-idx1-ubyte, t10k-labels-idx1-ubyte.gz, "
                + "t10k-labels.idx1-ubyte, t10k-labels.idx1-ubyte.gz], and for the same names "
                + "with train in place of t10k. Download one of these pairs into it.",
            folder);
  }

  @Test
  void rejectsImagesWithoutLabels() throws IOException {
    Path images = write("t10k-images-idx3-ubyte", IdxFiles.images(20));

    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(folder))
        .withMessage(
            "%s has no partner in its folder. Add one of [t10k-labels-idx1-ubyte, "
                + "t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte, t10k-labels.idx1-ubyte.gz].",
            images);
  }

  @Test
  void rejectsLabelsWithoutImages() throws IOException {
    Path labels = write("train-labels-idx1-ubyte", IdxFiles.labels(20));

    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(folder))
        .withMessageStartingWith("%s has no partner", labels)
        .withMessageContaining("[train-images-idx3-ubyte, ");
  }

  @Test
  void rejectsCountsThatDisagree() throws IOException {
    Path images = write("t10k-images-idx3-ubyte", IdxFiles.images(20));
    Path labels = write("t10k-labels-idx1-ubyte", IdxFiles.labels(19));

    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(folder))
        .withMessage(
            "%s holds 20 images, but %s holds 19 labels. Take both files from the same data set.",
            images, labels);
  }

  @Test
  void rejectsLabelsBeyondNine() throws IOException {
    write("t10k-images-idx3-ubyte", IdxFiles.images(20));
    byte[] idx = IdxFiles.labels(20);
    idx[8 + 3] = (byte) 200;
    Path labels = write("t10k-labels-idx1-ubyte", idx);

    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(folder))
        .withMessage(
            "%s has the label 200 in row 3, allowed are 0 to 9. Use a data set with 10 classes.",
            labels);
  }

  @Test
  void rejectsTrainAndTestImagesOfUnequalSize() throws IOException {
    write("train-images-idx3-ubyte", IdxFiles.images(20, 28, 28));
    write("train-labels-idx1-ubyte", IdxFiles.labels(20));
    write("t10k-images-idx3-ubyte", IdxFiles.images(20, 32, 30));
    write("t10k-labels-idx1-ubyte", IdxFiles.labels(20));

    assertThatIOException()
        .isThrownBy(() -> MnistFolder.read(folder))
        .withMessage(
            "The train images in %s are 28 x 28, the t10k images are 32 x 30. "
                + "Keep one data set in a folder.",
            folder);
  }

  private Path write(String name, byte[] content) throws IOException {
    return IdxFiles.write(folder, name, content);
  }

  /** Finds the data beside the project, from the project's root as well as from a module. */
  private static Path sharedMnist() {
    Path beside = Path.of("../shared/data/mnist");
    return Stream.of(beside, Path.of("..").resolve(beside))
        .filter(Files::isDirectory)
        .findFirst()
        .orElse(beside);
  }
}

package io.fabric4j.spark.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A local folder with the files of MNIST or Fashion-MNIST under their published names.
 *
 * <p>{@code train-*} and {@code t10k-*} files are the train and the test set. Where only one of the
 * two is there, its first 80 % of rows train and the rest test.
 */
final class MnistFolder {
  private static final int CLASSES = 10;

  private MnistFolder() {}

  /**
   * Reads the folder.
   *
   * @throws IOException if the folder or the files are missing, a file is damaged, images and
   *     labels disagree in count, a label is not 0 to 9, or train and test images differ in size
   */
  static ImageSplit read(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(
          ("%s is not a folder. Pass a local folder of the driver with IDX files, "
                  + "or omit --data to train on drawn digits.")
              .formatted(folder.toAbsolutePath()));
    }
    Optional<LabeledImages> train = readSet(folder, "train");
    Optional<LabeledImages> test = readSet(folder, "t10k");
    if (train.isPresent() && test.isPresent()) {
      checkSameSize(folder, train.get(), test.get());
      return new ImageSplit(train.get(), test.get());
    }
    return train.or(() -> test).map(ImageSplit::of).orElseThrow(() -> nothingFound(folder));
  }

  private static Optional<LabeledImages> readSet(Path folder, String set) throws IOException {
    List<String> imagesNames = names(set + "-images", "idx3-ubyte");
    List<String> labelsNames = names(set + "-labels", "idx1-ubyte");
    Optional<Path> images = find(folder, imagesNames);
    Optional<Path> labels = find(folder, labelsNames);
    if (images.isPresent() != labels.isPresent()) {
      throw new IOException(
          "%s has no partner in its folder. Add one of %s."
              .formatted(
                  images.or(() -> labels).get(), images.isPresent() ? labelsNames : imagesNames));
    }
    return images.isPresent()
        ? Optional.of(join(IdxFile.readImages(images.get()), IdxFile.readLabels(labels.get())))
        : Optional.empty();
  }

  private static List<String> names(String stem, String suffix) {
    return Stream.of("-", ".")
        .flatMap(mark -> Stream.of("", ".gz").map(gz -> stem + mark + suffix + gz))
        .toList();
  }

  private static Optional<Path> find(Path folder, List<String> names) {
    return names.stream().map(folder::resolve).filter(Files::isRegularFile).findFirst();
  }

  private static LabeledImages join(IdxFile images, IdxFile labels) throws IOException {
    if (images.count() != labels.count()) {
      throw new IOException(
          "%s holds %d images, but %s holds %d labels. Take both files from the same data set."
              .formatted(images.path(), images.count(), labels.path(), labels.count()));
    }
    for (int row = 0; row < labels.count(); row++) {
      int label = labels.data()[row] & 0xff;
      if (label >= CLASSES) {
        throw new IOException(
            "%s has the label %d in row %d, allowed are 0 to %d. Use a data set with %d classes."
                .formatted(labels.path(), label, row, CLASSES - 1, CLASSES));
      }
    }
    return new LabeledImages(images.shape()[1], images.shape()[2], images.data(), labels.data());
  }

  private static void checkSameSize(Path folder, LabeledImages train, LabeledImages test)
      throws IOException {
    if (train.rows() != test.rows() || train.cols() != test.cols()) {
      throw new IOException(
          ("The train images in %s are %d x %d, the t10k images are %d x %d. "
                  + "Keep one data set in a folder.")
              .formatted(folder, train.rows(), train.cols(), test.rows(), test.cols()));
    }
  }

  private static IOException nothingFound(Path folder) {
    return new IOException(
        ("%s has no MNIST files. Looked for images %s with labels %s, and for the same names "
                + "with train in place of t10k. Download one of these pairs into it.")
            .formatted(
                folder.toAbsolutePath(),
                names("t10k-images", "idx3-ubyte"),
                names("t10k-labels", "idx1-ubyte")));
  }
}

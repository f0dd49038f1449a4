package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {
  @TempDir private Path folder;

  @Test
  void readsPlainImagesAndLabels() throws IOException {
    IdxFile images = IdxFile.readImages(file("images", IdxFiles.images(4)));
    IdxFile labels = IdxFile.readLabels(file("labels", IdxFiles.labels(4)));

    assertThat(images.shape()).containsExactly(4, 2, 3);
    assertThat(images.data()).hasSize(24).startsWith(0, 1, 2).endsWith(23);
    assertThat(labels.shape()).containsExactly(4);
    assertThat(labels.data()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void recognisesGzipByItsContent() throws IOException {
    Path zipped = file("images", IdxFiles.gzip(IdxFiles.images(4)));
    Path plain = file("images.gz", IdxFiles.images(4));

    assertThat(IdxFile.readImages(zipped).count()).isEqualTo(4);
    assertThat(IdxFile.readImages(plain).count()).isEqualTo(4);
  }

  @Test
  void rejectsAnotherMagicNumber() throws IOException {
    Path path = file("images", IdxFiles.labels(20));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(path))
        .withMessage(
            "%s starts with the magic number 0x00000801, expected 0x00000803 (images). "
                + "Check that it is not another file renamed.",
            path);
    assertThatIOException()
        .isThrownBy(() -> IdxFile.readLabels(file("text", "<!DOCTYPE html>".getBytes())))
        .withMessageContaining("magic number 0x3c21444f, expected 0x00000801 (labels)");
  }

  @ParameterizedTest
  @CsvSource({"0, 0 of 16 header", "15, 15 of 16 header", "16, 0 of 24 data", "39, 23 of 24 data"})
  void rejectsTruncatedData(int length, String found) throws IOException {
    byte[] idx = Arrays.copyOf(IdxFiles.images(4), length);
    Path plain = file("plain", idx);
    Path zipped = file("zipped", IdxFiles.gzip(idx));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(plain))
        .withMessage("%s is truncated: %s bytes found. Download it again.", plain, found);
    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(zipped))
        .withMessage("%s is truncated: %s bytes found. Download it again.", zipped, found);
  }

  @Test
  void rejectsTruncatedGzip() throws IOException {
    byte[] whole = IdxFiles.gzip(IdxFiles.images(1000));
    Path middle = file("middle", Arrays.copyOf(whole, whole.length / 2));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(middle))
        .withMessageMatching(".*middle is truncated: \\d+ of 6000 data bytes found\\. .*");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, -4})
  void rejectsGzipCutInItsFrame(int end) throws IOException {
    byte[] whole = IdxFiles.gzip(IdxFiles.images(4));
    Path path = file("cut", Arrays.copyOf(whole, Math.floorMod(end, whole.length)));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(path))
        .withMessage(
            "%s is truncated inside its gzip header or checksum. Download it again.", path);
  }

  @Test
  void rejectsDamagedGzip() throws IOException {
    byte[] zipped = IdxFiles.gzip(IdxFiles.images(4));
    zipped[zipped.length - 8] ^= 1;
    Path path = file("damaged", zipped);

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(path))
        .withMessage("%s is a damaged gzip file: Corrupt GZIP trailer. Download it again.", path)
        .withCauseInstanceOf(ZipException.class);
  }

  @Test
  void rejectsTrailingBytes() throws IOException {
    byte[] idx = IdxFiles.images(4);
    Path path = file("long", Arrays.copyOf(idx, idx.length + 1));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(path))
        .withMessage(
            "%s holds more than the 24 data bytes that its header promises. Download it again.",
            path);
  }

  @ParameterizedTest
  @CsvSource({"0, 28, 28", "-1, 28, 28", "1, 0, 28", "1, 28, 1025", "2000000, 28, 28"})
  void rejectsShapesOutOfBounds(int count, int rows, int cols) throws IOException {
    Path path = file("shape", header(count, rows, cols));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(path))
        .withMessage(
            "%s promises the shape [%d, %d, %d]. Allowed are 1 to 1024 rows and columns, "
                + "and 1 to 1073741824 bytes in all. Download it again.",
            path, count, rows, cols);
  }

  @Test
  void believesNoHeaderBeyondItsFile() throws IOException {
    Path path = file("liar", header(1_000_000, 28, 28));

    assertThatIOException()
        .isThrownBy(() -> IdxFile.readImages(path))
        .withMessageContaining("truncated: 0 of 784000000 data bytes found");
  }

  private static byte[] header(int count, int rows, int cols) {
    return ByteBuffer.allocate(16).putInt(0x803).putInt(count).putInt(rows).putInt(cols).array();
  }

  private Path file(String name, byte[] content) throws IOException {
    return IdxFiles.write(folder, name, content);
  }
}

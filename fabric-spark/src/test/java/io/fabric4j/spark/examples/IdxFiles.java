package io.fabric4j.spark.examples;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** IDX bytes for tests. */
final class IdxFiles {
  private IdxFiles() {}

  /** Images of 2 x 3 whose pixels count up from 0. */
  static byte[] images(int count) {
    return images(count, 2, 3);
  }

  static byte[] images(int count, int rows, int cols) {
    ByteBuffer idx = ByteBuffer.allocate(16 + count * rows * cols);
    idx.putInt(0x803).putInt(count).putInt(rows).putInt(cols);
    for (byte pixel = 0; idx.hasRemaining(); pixel++) {
      idx.put(pixel);
    }
    return idx.array();
  }

  /** Labels 0 to 9 in turn. */
  static byte[] labels(int count) {
    ByteBuffer idx = ByteBuffer.allocate(8 + count).putInt(0x801).putInt(count);
    for (int row = 0; row < count; row++) {
      idx.put((byte) (row % 10));
    }
    return idx.array();
  }

  static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  static Path write(Path folder, String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }
}

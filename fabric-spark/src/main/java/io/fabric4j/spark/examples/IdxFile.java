package io.fabric4j.spark.examples;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * One file of unsigned bytes in the IDX format of MNIST, plain or gzip; the content decides, not
 * the name.
 *
 * @param path where it was read from
 * @param shape the dimensions of its header
 * @param data the bytes, last dimension fastest
 */
record IdxFile(Path path, int[] shape, byte[] data) {
  private static final int IMAGES_MAGIC = 0x00000803;
  private static final int LABELS_MAGIC = 0x00000801;
  private static final int MAX_SIDE = 1024;
  private static final int MAX_BYTES = 1 << 30;

  /** No deflate stream expands further than this. */
  private static final int MAX_GZIP_RATIO = 1032;

  /** Reads images {@code (count, rows, cols)}. */
  static IdxFile readImages(Path path) throws IOException {
    return read(path, IMAGES_MAGIC);
  }

  /** Reads labels {@code (count)}. */
  static IdxFile readLabels(Path path) throws IOException {
    return read(path, LABELS_MAGIC);
  }

  int count() {
    return shape[0];
  }

  private static IdxFile read(Path path, int magic) throws IOException {
    long fileBytes = Files.size(path);
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path))) {
      boolean gzip = startsAsGzip(file);
      InputStream in = gzip ? new GZIPInputStream(file) : file;
      int[] shape = readShape(path, in, magic);
      int promised = checkedLength(path, shape);
      // A header is not believed beyond what its file can hold.
      long possible = gzip ? fileBytes * MAX_GZIP_RATIO : fileBytes;
      byte[] data = new byte[(int) Math.min(promised, possible)];
      int found = readFully(in, data);
      if (found < promised) {
        throw truncated(path, found, promised, "data");
      }
      if (in.read() != -1) {
        throw new IOException(
            "%s holds more than the %d data bytes that its header promises. Download it again."
                .formatted(path, promised));
      }
      return new IdxFile(path, shape, data);
    } catch (EOFException e) {
      throw new IOException(
          path + " is truncated inside its gzip header or checksum. Download it again.", e);
    } catch (ZipException e) {
      throw new IOException(
          path + " is a damaged gzip file: " + e.getMessage() + ". Download it again.", e);
    }
  }

  private static boolean startsAsGzip(InputStream file) throws IOException {
    file.mark(2);
    int start = file.read() | file.read() << 8;
    file.reset();
    return start == GZIPInputStream.GZIP_MAGIC;
  }

  private static int[] readShape(Path path, InputStream in, int magic) throws IOException {
    int dimensions = magic & 0xff;
    byte[] header = new byte[4 + 4 * dimensions];
    int found = readFully(in, header);
    ByteBuffer ints = ByteBuffer.wrap(header);
    if (found >= 4 && ints.getInt(0) != magic) {
      throw new IOException(
          ("%s starts with the magic number 0x%08x, expected 0x%08x (%s). "
                  + "Check that it is not another file renamed.")
              .formatted(path, ints.getInt(0), magic, magic == IMAGES_MAGIC ? "images" : "labels"));
    }
    if (found < header.length) {
      throw truncated(path, found, header.length, "header");
    }
    return IntStream.rangeClosed(1, dimensions).map(i -> ints.getInt(4 * i)).toArray();
  }

  private static int checkedLength(Path path, int[] shape) throws IOException {
    boolean sides = Arrays.stream(shape).skip(1).allMatch(side -> 1 <= side && side <= MAX_SIDE);
    long length = Arrays.stream(shape).asLongStream().reduce(1, (a, b) -> a * b);
    if (!sides || length < 1 || length > MAX_BYTES) {
      throw new IOException(
          ("%s promises the shape %s. Allowed are 1 to %d rows and columns, and 1 to %d bytes "
                  + "in all. Download it again.")
              .formatted(path, Arrays.toString(shape), MAX_SIDE, MAX_BYTES));
    }
    return (int) length;
  }

  /** Fills the buffer as far as the data goes; a gzip stream that is cut off counts as its end. */
  private static int readFully(InputStream in, byte[] buffer) throws IOException {
    int found = 0;
    try {
      int read;
      while (found < buffer.length && (read = in.read(buffer, found, buffer.length - found)) > 0) {
        found += read;
      }
    } catch (EOFException cutOff) {
      return found;
    }
    return found;
  }

  private static IOException truncated(Path path, int found, int promised, String part) {
    return new IOException(
        "%s is truncated: %d of %d %s bytes found. Download it again."
            .formatted(path, found, promised, part));
  }
}

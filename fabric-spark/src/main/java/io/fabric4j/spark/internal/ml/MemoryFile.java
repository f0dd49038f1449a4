package io.fabric4j.spark.internal.ml;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** One checkpoint file whose bytes are in memory. */
final class MemoryFile implements CheckpointIO {
  /** What messages call it. */
  static final String PATH = "the weights";

  private byte[] bytes;

  MemoryFile(byte[] bytes) {
    this.bytes = bytes;
  }

  byte[] bytes() {
    return bytes;
  }

  @Override
  public PendingFile create(String path) {
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    return new PendingFile() {
      @Override
      public OutputStream stream() {
        return written;
      }

      @Override
      public void commit() {
        bytes = written.toByteArray();
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public InputStream open(String path) throws FileNotFoundException {
    if (bytes == null) {
      throw new FileNotFoundException(path);
    }
    return new ByteArrayInputStream(bytes);
  }

  @Override
  public long length(String path) throws FileNotFoundException {
    if (bytes == null) {
      throw new FileNotFoundException(path);
    }
    return bytes.length;
  }

  @Override
  public boolean exists(String path) {
    return bytes != null;
  }

  @Override
  public List<String> list(String folder) {
    return List.of();
  }

  @Override
  public void delete(String path) {
    bytes = null;
  }

  @Override
  public void checkWritable(String path) {}
}

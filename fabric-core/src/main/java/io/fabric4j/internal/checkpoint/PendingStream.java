package io.fabric4j.internal.checkpoint;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The stream of a pending file: closing it only flushes, because on some storage systems closing
 * the stream below would publish the file. Failures name the path.
 */
public final class PendingStream extends FilterOutputStream {
  private final String path;

  /**
   * @param out the stream to the storage, which the caller closes
   * @param path the file's final path, named in messages
   */
  public PendingStream(OutputStream out, String path) {
    super(new BufferedOutputStream(out));
    this.path = path;
  }

  @Override
  public void write(int value) throws IOException {
    try {
      out.write(value);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw failed(e);
    }
  }

  @Override
  public void close() throws IOException {
    flush();
  }

  private IOException failed(IOException cause) {
    return StorageFailure.of(
        "write checkpoint file",
        path,
        cause,
        "An older file of that path is unchanged. Check the space and the state of the storage.");
  }
}

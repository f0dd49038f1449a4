package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointIO;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.Checksum;

/** Random access over a storage that only streams: going back opens the file again. */
final class ForwardReader implements AutoCloseable {
  private final CheckpointIO io;
  private final String path;
  private final long length;
  private final byte[] chunk = new byte[1 << 18];
  private InputStream in;
  private long position;

  ForwardReader(CheckpointIO io, String path) throws IOException {
    this.io = io;
    this.path = path;
    in = io.open(path);
    try {
      length = io.length(path);
    } catch (IOException e) {
      closeAfter(e);
      throw e;
    }
  }

  String path() {
    return path;
  }

  long length() {
    return length;
  }

  void seek(long target) throws IOException {
    if (target < position) {
      in.close();
      in = io.open(path);
      position = 0;
    }
    try {
      in.skipNBytes(target - position);
    } catch (IOException e) {
      throw failed(e, target);
    }
    position = target;
  }

  /** Fills the buffer and updates the checksum. */
  void read(ByteBuffer buffer, Checksum checksum) throws IOException {
    while (buffer.hasRemaining()) {
      int wanted = Math.min(buffer.remaining(), chunk.length);
      int count;
      try {
        count = in.readNBytes(chunk, 0, wanted);
      } catch (IOException e) {
        throw failed(e, position);
      }
      position += count;
      if (count < wanted) {
        throw failed(new EOFException(), position + 1);
      }
      checksum.update(chunk, 0, count);
      buffer.put(chunk, 0, count);
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** Closes without hiding the failure that is under way. */
  void closeAfter(Exception failure) {
    try {
      close();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private IOException failed(IOException cause, long at) {
    if (cause instanceof EOFException) {
      return DamagedFile.causedBy(cause, path, "it ends before byte %d of %d", at, length);
    }
    return StorageFailure.of(
        "read byte " + at + " of checkpoint file",
        path,
        cause,
        "Check that its storage can be reached, and load it again.");
  }
}

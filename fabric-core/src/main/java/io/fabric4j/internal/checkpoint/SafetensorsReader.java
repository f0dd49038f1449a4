package io.fabric4j.internal.checkpoint;

import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads a file in safetensors layout, with or without the checksums of {@link SafetensorsWriter}.
 * Nothing in the file is trusted: a damaged one ends in a {@link CheckpointException} that names
 * the path and what was found, and memory is allocated only for bytes that the file has. Reading
 * tensors in the order of {@link #tensors()} is one pass over the file. Not thread-safe.
 */
public final class SafetensorsReader implements AutoCloseable {
  private static final int CHUNK = 1 << 20;

  private final ForwardReader file;
  private final List<TensorInfo> tensors;
  private final Map<String, String> metadata;
  private final boolean checksummed;
  private final Map<String, Long> checksums;
  private final long dataStart;

  /**
   * Opens a file and checks its header.
   *
   * @throws java.io.FileNotFoundException if it does not exist
   * @throws CheckpointException if it cannot be read or its header is damaged
   */
  public SafetensorsReader(CheckpointIO io, String path) throws IOException {
    file = new ForwardReader(io, path);
    try {
      byte[] json = readHeader();
      dataStart = (long) SafetensorsHeader.LENGTH_BYTES + json.length;
      SafetensorsHeader header = new HeaderParser(path, file.length() - dataStart).parse(json);
      String entry = header.metadata().remove(Checksums.KEY);
      tensors = List.copyOf(header.tensors());
      metadata = Map.copyOf(header.metadata());
      checksummed = entry != null;
      checksums = entry == null ? Map.of() : Checksums.decode(path, header, entry);
    } catch (IOException | RuntimeException e) {
      file.closeAfter(e);
      throw e;
    }
  }

  /** Returns the tensors in the order of their bytes. */
  public List<TensorInfo> tensors() {
    return tensors;
  }

  /** Returns the text entries, without the checksums. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * Returns whether the file has checksums, so that damage in its tensors is noticed; files that
   * other programs wrote have none.
   */
  public boolean isChecksummed() {
    return checksummed;
  }

  /**
   * Reads a tensor into consecutive buffers, each from position to limit. After an exception their
   * content is undefined.
   *
   * @throws IllegalArgumentException if the buffers do not hold exactly the tensor's bytes
   * @throws CheckpointException if the bytes cannot be read or do not have the stored checksum
   */
  public void read(TensorInfo tensor, Iterable<ByteBuffer> buffers) throws IOException {
    CRC32C crc = new CRC32C();
    file.seek(dataStart + tensor.begin());
    long rest = tensor.byteCount();
    for (ByteBuffer buffer : buffers) {
      rest -= buffer.remaining();
      if (rest < 0) {
        break;
      }
      file.read(buffer, crc);
    }
    if (rest != 0) {
      throw new IllegalArgumentException(
          "The buffers for tensor '%s' hold %d bytes %s than its %d."
              .formatted(
                  tensor.name(), Math.abs(rest), rest > 0 ? "less" : "more", tensor.byteCount()));
    }
    check(tensor, crc);
  }

  /**
   * Reads a tensor of less than 2 GiB into a new little-endian buffer.
   *
   * @throws IllegalArgumentException if it is larger
   */
  public ByteBuffer read(TensorInfo tensor) throws IOException {
    if (tensor.byteCount() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "Tensor '%s' has %d bytes, too many for one buffer. Read it into several."
              .formatted(tensor.name(), tensor.byteCount()));
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) tensor.byteCount());
    read(tensor, List.of(buffer));
    return buffer.flip().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads all tensors without keeping them, which checks their presence and checksums.
   *
   * @throws CheckpointException if one is damaged or cannot be read
   */
  public void verify() throws IOException {
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    for (TensorInfo tensor : tensors) {
      CRC32C crc = new CRC32C();
      file.seek(dataStart + tensor.begin());
      for (long rest = tensor.byteCount(); rest > 0; rest -= chunk.limit()) {
        file.read(chunk.clear().limit((int) Math.min(rest, CHUNK)), crc);
      }
      check(tensor, crc);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private byte[] readHeader() throws IOException {
    if (file.length() < SafetensorsHeader.LENGTH_BYTES) {
      throw DamagedFile.of(file.path(), "it has %d bytes, too few for a header", file.length());
    }
    CRC32C unused = new CRC32C();
    ByteBuffer prefix = ByteBuffer.allocate(SafetensorsHeader.LENGTH_BYTES);
    file.read(prefix.order(ByteOrder.LITTLE_ENDIAN), unused);
    long length = prefix.getLong(0);
    long most =
        Math.min(SafetensorsHeader.MAX_LENGTH, file.length() - SafetensorsHeader.LENGTH_BYTES);
    if (length < 0 || length > most) {
      throw DamagedFile.of(
          file.path(),
          "it announces a header of %s bytes, where at most %d are possible",
          Long.toUnsignedString(length),
          most);
    }
    ByteBuffer json = ByteBuffer.allocate((int) length);
    file.read(json, unused);
    return json.array();
  }

  private void check(TensorInfo tensor, CRC32C crc) throws CheckpointException {
    if (checksummed) {
      String what = "tensor " + DamagedFile.quote(tensor.name());
      Checksums.compare(file.path(), what, checksums.get(tensor.name()), crc.getValue());
    }
  }
}

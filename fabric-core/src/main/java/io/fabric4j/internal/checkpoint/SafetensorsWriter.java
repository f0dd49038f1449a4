package io.fabric4j.internal.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * Writes one file in safetensors layout. Equal content gives equal bytes: tensors are ordered by
 * element size, largest first (so each is aligned), then by name, and metadata by key.
 */
public final class SafetensorsWriter {
  private static final int CHUNK = 1 << 20;

  private final OutputStream out;
  private final byte[] chunk = new byte[CHUNK];

  /**
   * @param out where the file goes; it is neither flushed nor closed
   */
  public SafetensorsWriter(OutputStream out) {
    this.out = out;
  }

  /**
   * Writes the file, after a pass over the tensors that computes their checksums.
   *
   * @param metadata text entries; {@code crc32c} is reserved
   * @return the bytes written
   * @throws IllegalArgumentException if a name is reserved or appears twice, a data type cannot be
   *     stored, or a tensor's bytes are not as many as its type and shape take
   * @throws IllegalStateException if a tensor's bytes change between the two passes
   */
  public long write(List<TensorEntry> tensors, Map<String, String> metadata) throws IOException {
    if (metadata.containsKey(Checksums.KEY)) {
      throw new IllegalArgumentException(
          "The metadata key '" + Checksums.KEY + "' is reserved for checksums. Use another key.");
    }
    List<TensorEntry> ordered = ordered(tensors);
    Map<String, Long> checksums = new HashMap<>();
    for (TensorEntry tensor : ordered) {
      checksums.put(tensor.name(), checksum(tensor));
    }
    SafetensorsHeader header = new SafetensorsHeader(place(ordered), new TreeMap<>(metadata));
    header.metadata().put(Checksums.KEY, Checksums.encode(header, checksums));
    byte[] head = header.encode();
    out.write(head);
    long bytes = head.length;
    for (TensorEntry tensor : ordered) {
      copy(tensor, checksums.get(tensor.name()));
      bytes += TensorInfo.byteCount(tensor.dataType(), tensor.shape());
    }
    return bytes;
  }

  private static List<TensorEntry> ordered(List<TensorEntry> tensors) {
    Set<String> names = new HashSet<>(Set.of(SafetensorsHeader.METADATA));
    for (TensorEntry tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw new IllegalArgumentException(
            "The tensor name '%s' appears twice or is reserved. Give each tensor its own name."
                .formatted(tensor.name()));
      }
      if (TensorTypes.name(tensor.dataType()) == null) {
        throw new IllegalArgumentException(
            ("Tensor '%s' has the data type %s, which a checkpoint cannot hold. Convert it to one"
                    + " of %s.")
                .formatted(tensor.name(), tensor.dataType(), TensorTypes.supported()));
      }
    }
    List<TensorEntry> ordered = new ArrayList<>(tensors);
    ordered.sort(
        Comparator.comparing((TensorEntry tensor) -> -tensor.dataType().getNumOfBytes())
            .thenComparing(TensorEntry::name));
    return ordered;
  }

  private static List<TensorInfo> place(List<TensorEntry> tensors) {
    List<TensorInfo> placed = new ArrayList<>();
    long begin = 0;
    for (TensorEntry tensor : tensors) {
      long end = begin + TensorInfo.byteCount(tensor.dataType(), tensor.shape());
      placed.add(new TensorInfo(tensor.name(), tensor.dataType(), tensor.shape(), begin, end));
      begin = end;
    }
    return placed;
  }

  private static long checksum(TensorEntry tensor) {
    CRC32C crc = new CRC32C();
    long count = 0;
    for (ByteBuffer buffer : tensor.data()) {
      count += buffer.remaining();
      crc.update(buffer.duplicate());
    }
    long expected = TensorInfo.byteCount(tensor.dataType(), tensor.shape());
    if (count != expected) {
      throw new IllegalArgumentException(
          "Tensor '%s' of type %s and shape %s takes %d bytes, but its buffers hold %d."
              .formatted(tensor.name(), tensor.dataType(), tensor.shape(), expected, count));
    }
    return crc.getValue();
  }

  private void copy(TensorEntry tensor, long expected) throws IOException {
    CRC32C crc = new CRC32C();
    for (ByteBuffer buffer : tensor.data()) {
      ByteBuffer rest = buffer.duplicate();
      while (rest.hasRemaining()) {
        int count = Math.min(rest.remaining(), chunk.length);
        rest.get(chunk, 0, count);
        crc.update(chunk, 0, count);
        out.write(chunk, 0, count);
      }
    }
    if (crc.getValue() != expected) {
      throw new IllegalStateException(
          ("Tensor '%s' changed while it was written (CRC-32C %08x, then %08x). Write a snapshot,"
                  + " or wait with the next step until the checkpoint is written.")
              .formatted(tensor.name(), expected, crc.getValue()));
    }
  }
}

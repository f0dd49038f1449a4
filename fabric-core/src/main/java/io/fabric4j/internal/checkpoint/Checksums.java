package io.fabric4j.internal.checkpoint;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import io.fabric4j.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * The CRC-32C checksums of a file, stored as the metadata entry {@code crc32c}: a JSON object from
 * each tensor's name to the checksum of its bytes (8 hex digits), and from {@code __metadata__} to
 * that of the header's content. The latter runs over these texts in UTF-8, each followed by a zero
 * byte: key and value of each other metadata entry, sorted by key; then name, type and shape
 * ({@code [2, 3]}) of each tensor, sorted by name.
 */
final class Checksums {
  static final String KEY = "crc32c";

  private Checksums() {}

  /** Returns the entry's value. */
  static String encode(SafetensorsHeader header, Map<String, Long> tensors) {
    Map<String, Long> all = new TreeMap<>(tensors);
    all.put(SafetensorsHeader.METADATA, ofContent(header));
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      for (Map.Entry<String, Long> entry : all.entrySet()) {
        json.name(entry.getKey()).value("%08x".formatted(entry.getValue()));
      }
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /**
   * Returns the checksum of each tensor.
   *
   * @param header of a file, without the entry
   * @param value of the entry
   * @throws CheckpointException if the entry is not of this header
   */
  static Map<String, Long> decode(String path, SafetensorsHeader header, String value)
      throws CheckpointException {
    Map<String, Long> checksums = new TreeMap<>();
    try (JsonReader json = new JsonReader(new StringReader(value))) {
      json.beginObject();
      while (json.hasNext()) {
        checksums.put(json.nextName(), Long.parseLong(json.nextString(), 16));
      }
      json.endObject();
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      throw DamagedFile.causedBy(e, path, "its checksums cannot be parsed");
    }
    compare(path, "its header", checksums.remove(SafetensorsHeader.METADATA), ofContent(header));
    if (!checksums.keySet().equals(names(header.tensors()))) {
      throw DamagedFile.of(path, "its checksums are not those of its tensors");
    }
    return checksums;
  }

  /** Fails unless the checksums are equal. */
  static void compare(String path, String what, Long expected, long actual)
      throws CheckpointException {
    if (expected == null || expected != actual) {
      throw DamagedFile.of(
          path,
          "%s has the CRC-32C %08x, but %s was stored",
          what,
          actual,
          expected == null ? "none" : "%08x".formatted(expected));
    }
  }

  private static Set<String> names(List<TensorInfo> tensors) {
    return tensors.stream().map(TensorInfo::name).collect(Collectors.toSet());
  }

  private static long ofContent(SafetensorsHeader header) {
    CRC32C crc = new CRC32C();
    new TreeMap<>(header.metadata())
        .forEach(
            (key, value) -> {
              update(crc, key);
              update(crc, value);
            });
    header.tensors().stream()
        .sorted(Comparator.comparing(TensorInfo::name))
        .forEach(
            tensor -> {
              update(crc, tensor.name());
              update(crc, TensorTypes.name(tensor.dataType()));
              update(crc, Arrays.toString(tensor.shape().getShape()));
            });
    return crc.getValue();
  }

  private static void update(CRC32C crc, String text) {
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    crc.update(0);
  }
}

package io.fabric4j.internal.checkpoint;

import com.google.gson.stream.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The start of a file: 8 bytes of length, little-endian, then JSON.
 *
 * @param tensors in the order of their bytes
 * @param metadata the text entries
 */
record SafetensorsHeader(List<TensorInfo> tensors, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";
  static final int LENGTH_BYTES = 8;
  static final int MAX_LENGTH = 100_000_000;
  private static final int ALIGNMENT = 64;

  /**
   * Returns the length and the JSON, padded with spaces so that the data start at a multiple of 64.
   *
   * @throws IllegalArgumentException if a name or text is not valid Unicode, or all are too long
   */
  byte[] encode() {
    byte[] json = json();
    int start = Math.addExact(LENGTH_BYTES + json.length, ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    int length = start - LENGTH_BYTES;
    if (length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          ("The names and metadata of a checkpoint take %d bytes, more than the %d that readers"
                  + " accept. Store large values as U8 tensors.")
              .formatted(length, MAX_LENGTH));
    }
    ByteBuffer bytes = ByteBuffer.allocate(start).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    Arrays.fill(bytes.array(), bytes.position(), start, (byte) ' ');
    return bytes.array();
  }

  private byte[] json() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Writer text = new OutputStreamWriter(bytes, StandardCharsets.UTF_8.newEncoder());
        JsonWriter json = new JsonWriter(text)) {
      write(json);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "A tensor name or metadata text of a checkpoint is not valid Unicode: it holds half of a"
              + " surrogate pair.",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private void write(JsonWriter json) throws IOException {
    json.beginObject();
    json.name(METADATA).beginObject();
    for (Map.Entry<String, String> entry : metadata.entrySet()) {
      json.name(entry.getKey()).value(entry.getValue());
    }
    json.endObject();
    for (TensorInfo tensor : tensors) {
      json.name(tensor.name()).beginObject();
      json.name("dtype").value(TensorTypes.name(tensor.dataType()));
      json.name("shape").beginArray();
      for (long size : tensor.shape().getShape()) {
        json.value(size);
      }
      json.endArray();
      json.name("data_offsets").beginArray().value(tensor.begin()).value(tensor.end()).endArray();
      json.endObject();
    }
    json.endObject();
  }
}

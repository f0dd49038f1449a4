package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.fabric4j.checkpoint.CheckpointException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * Parses a header that may hold anything. What it returns is consistent: the tensors cover the data
 * without gap or overlap, each with the bytes that its type and shape take.
 */
final class HeaderParser {
  private final String path;
  private final long dataLength;
  private final Set<String> names = new HashSet<>();
  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();

  /**
   * @param path named in messages
   * @param dataLength bytes of the file after the header
   */
  HeaderParser(String path, long dataLength) {
    this.path = path;
    this.dataLength = dataLength;
  }

  SafetensorsHeader parse(byte[] header) throws CheckpointException {
    try (JsonReader json =
        new JsonReader(
            new InputStreamReader(
                new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()))) {
      parse(json);
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException | IllegalStateException | NumberFormatException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw DamagedFile.causedBy(
          e, path, "its header is not the JSON of a safetensors file (%s)", reason);
    }
    tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparing(TensorInfo::end));
    checkCoverage();
    return new SafetensorsHeader(tensors, metadata);
  }

  private void parse(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      String name = json.nextName();
      if (!names.add(name)) {
        throw DamagedFile.of(path, "%s appears twice in its header", DamagedFile.quote(name));
      }
      if (name.equals(SafetensorsHeader.METADATA)) {
        parseMetadata(json);
      } else {
        tensors.add(parseTensor(name, json));
      }
    }
    json.endObject();
    expect(json, JsonToken.END_DOCUMENT);
  }

  private void parseMetadata(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      String key = json.nextName();
      expect(json, JsonToken.STRING);
      if (metadata.put(key, json.nextString()) != null) {
        throw DamagedFile.of(path, "its metadata hold the key %s twice", DamagedFile.quote(key));
      }
    }
    json.endObject();
  }

  private TensorInfo parseTensor(String name, JsonReader json) throws IOException {
    String type = null;
    long[] shape = null;
    long[] offsets = null;
    json.beginObject();
    while (json.hasNext()) {
      String field = json.nextName();
      if (field.equals("dtype") && type == null) {
        expect(json, JsonToken.STRING);
        type = json.nextString();
      } else if (field.equals("shape") && shape == null) {
        shape = parseLongs(json);
      } else if (field.equals("data_offsets") && offsets == null) {
        offsets = parseLongs(json);
      } else {
        throw broken(name, "has an unknown or repeated field %s", DamagedFile.quote(field));
      }
    }
    json.endObject();
    if (type == null || shape == null || offsets == null) {
      throw broken(name, "lacks dtype, shape or data_offsets");
    }
    return tensor(name, type, shape, offsets);
  }

  private TensorInfo tensor(String name, String typeName, long[] sizes, long[] offsets)
      throws CheckpointException {
    DataType type = TensorTypes.type(typeName);
    if (type == null) {
      throw broken(
          name,
          "has the data type %s, where one of %s is expected",
          DamagedFile.quote(typeName),
          TensorTypes.supported());
    }
    if (LongStream.of(sizes).anyMatch(size -> size < 0)) {
      throw broken(name, "has a negative size in its shape");
    }
    Shape shape = new Shape(sizes);
    if (offsets.length != 2 || offsets[0] < 0 || offsets[0] > offsets[1]) {
      throw broken(name, "has data_offsets that are not a begin and an end");
    }
    if (offsets[1] > dataLength) {
      throw broken(
          name, "ends at byte %d, but the file has %d bytes of data", offsets[1], dataLength);
    }
    TensorInfo tensor = new TensorInfo(name, type, shape, offsets[0], offsets[1]);
    checkSize(tensor);
    return tensor;
  }

  private void checkSize(TensorInfo tensor) throws CheckpointException {
    long expected;
    try {
      expected = TensorInfo.byteCount(tensor.dataType(), tensor.shape());
    } catch (ArithmeticException e) {
      throw broken(tensor.name(), "has a shape of more bytes than fit a 64-bit number");
    }
    if (tensor.byteCount() != expected) {
      throw broken(
          tensor.name(),
          "has %d bytes, but its type and shape take %d",
          tensor.byteCount(),
          expected);
    }
  }

  private void checkCoverage() throws CheckpointException {
    long covered = 0;
    for (TensorInfo tensor : tensors) {
      if (tensor.begin() != covered) {
        throw broken(
            tensor.name(),
            "begins at byte %d of the data, where %d is expected",
            tensor.begin(),
            covered);
      }
      covered = tensor.end();
    }
    if (covered != dataLength) {
      throw DamagedFile.of(
          path, "its tensors take %d bytes, but %d follow the header", covered, dataLength);
    }
  }

  private static long[] parseLongs(JsonReader json) throws IOException {
    LongStream.Builder values = LongStream.builder();
    json.beginArray();
    while (json.hasNext()) {
      expect(json, JsonToken.NUMBER);
      values.add(json.nextLong());
    }
    json.endArray();
    return values.build().toArray();
  }

  private static void expect(JsonReader json, JsonToken token) throws IOException {
    if (json.peek() != token) {
      throw new IllegalStateException(
          "Expected %s but was %s at path %s"
              .formatted(token, json.peek(), DamagedFile.quote(json.getPath())));
    }
  }

  private CheckpointException broken(String tensor, String what, Object... values) {
    return DamagedFile.of(path, "tensor %s %s", DamagedFile.quote(tensor), what.formatted(values));
  }
}

package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other programs read what Fabric writes, and the other way around. */
class CheckpointInteropTest {
  private static final float[] WEIGHT = {1, -2, 3.5f, 0.25f, 1e-3f, 6e4f};
  private static final float[] BIAS = {-0.5f, 7};

  /** Prints the float32 tensors and the plain values, by the standard library alone. */
  private static final String READ =
      """
      import json, struct, sys
      data = open(sys.argv[1], 'rb').read()
      size, = struct.unpack('<Q', data[:8])
      header = json.loads(data[8:8 + size])
      state = json.loads(header.pop('__metadata__')['fabric'])['state']
      for name in sorted(header):
          begin, end = header[name]['data_offsets']
          values = struct.unpack('<%df' % ((end - begin) // 4), data[8 + size + begin:8 + size + end])
          print(header[name]['dtype'], name, header[name]['shape'], list(values))
      print(state['epoch'], state['names'], state['model']['bias']['$tensor'])
      """;

  /** Writes tensors of four types, by the standard library alone. */
  private static final String WRITE =
      """
      import json, struct, sys
      def bf16(values):
          return b''.join(struct.pack('<f', v)[2:] for v in values)
      tensors = [
          ('step', 'I64', [2], struct.pack('<2q', 7, -2**40)),
          ('scale', 'F32', [1, 2], struct.pack('<2f', 0.1, -3)),
          ('weight', 'F16', [2, 3], struct.pack('<6e', 1, -2, 3.5, 0.25, 65504, 2**-24)),
          ('bias', 'BF16', [2], bf16([-0.5, 2.0**100]))]
      header, data = {}, b''
      for name, dtype, shape, values in tensors:
          header[name] = {'dtype': dtype, 'shape': shape,
                          'data_offsets': [len(data), len(data) + len(values)]}
          data += values
      text = json.dumps(header).encode()
      open(sys.argv[1], 'wb').write(struct.pack('<Q', len(text)) + text + data)
      """;

  @TempDir private Path folder;

  private String save(Fabric fabric) throws IOException {
    Block block = block(fabric);
    block.getParameters().get("weight").getArray().set(WEIGHT);
    block.getParameters().get("bias").getArray().set(BIAS);
    String path = folder.resolve("model.safetensors").toString();
    fabric.save(path, Map.of("model", block, "epoch", 3, "names", List.of("é", "b")));
    return path;
  }

  private static Block block(Fabric fabric) {
    Block block = Linear.builder().setUnits(2).build();
    block.initialize(fabric.manager(), DataType.FLOAT32, new Shape(1, 3));
    return block;
  }

  /** Reads the float32 tensors of a file after the published layout, without Fabric's code. */
  private static Map<String, List<Float>> read(Path path) throws IOException {
    ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] json = new byte[(int) file.getLong()];
    file.get(json);
    JsonObject header =
        JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
    header.remove("__metadata__");
    Map<String, List<Float>> tensors = new TreeMap<>();
    for (String name : header.keySet()) {
      JsonObject tensor = header.getAsJsonObject(name);
      int begin = 8 + json.length + tensor.getAsJsonArray("data_offsets").get(0).getAsInt();
      int end = 8 + json.length + tensor.getAsJsonArray("data_offsets").get(1).getAsInt();
      List<Float> values = new ArrayList<>();
      for (int i = begin; i < end; i += 4) {
        values.add(file.getFloat(i));
      }
      tensors.put(tensor.get("dtype").getAsString() + " " + name + tensor.get("shape"), values);
    }
    return tensors;
  }

  @Test
  void writesWhatAnIndependentReaderReads() throws IOException {
    try (Fabric fabric = Fabric.builder().build()) {
      assertThat(read(Path.of(save(fabric))))
          .containsOnly(
              Map.entry("F32 model.weight[2,3]", List.of(1f, -2f, 3.5f, 0.25f, 1e-3f, 6e4f)),
              Map.entry("F32 model.bias[2]", List.of(-0.5f, 7f)));
    }
  }

  private String python(String script, String path) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("script.py"), script);
    Process process;
    try {
      process =
          new ProcessBuilder("python3", "-X", "utf8", file.toString(), path)
              .redirectErrorStream(true)
              .start();
    } catch (IOException e) {
      String reason = "Skipped: python3 cannot be started: " + e.getMessage();
      System.out.println(reason);
      assumeTrue(false, reason);
      throw e;
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }

  @Test
  void writesWhatPythonReads() throws Exception {
    try (Fabric fabric = Fabric.builder().build()) {
      assertThat(python(READ, save(fabric)).lines())
          .containsExactly(
              "F32 model.bias [2] [-0.5, 7.0]",
              "F32 model.weight [2, 3] [1.0, -2.0, 3.5, 0.25, 0.0010000000474974513, 60000.0]",
              "3 ['é', 'b'] model.bias");
    }
  }

  /** Takes what a file holds. */
  private static final class Taken implements Stateful {
    private final Map<String, String> values = new TreeMap<>();

    @Override
    public Map<String, Object> stateDict() {
      return Map.of();
    }

    @Override
    public void loadStateDict(Map<String, Object> state) {
      state.forEach(
          (name, value) -> {
            NDArray array = (NDArray) value;
            DataType wide = array.getDataType().isFloating() ? DataType.FLOAT32 : DataType.INT64;
            String numbers = List.of(array.toType(wide, true).toArray()).toString();
            values.put(name, array.getDataType() + array.getShape().toString() + numbers);
          });
    }
  }

  @Test
  void readsWhatPythonWrites() throws Exception {
    String path = folder.resolve("weights.safetensors").toString();
    python(WRITE, path);
    try (Fabric fabric = Fabric.builder().build()) {
      Taken taken = new Taken();
      fabric.loadRaw(path, taken);
      assertThat(taken.values)
          .containsOnly(
              Map.entry("step", "int64(2)[7, -1099511627776]"),
              Map.entry("scale", "float32(1, 2)[0.1, -3.0]"),
              Map.entry("weight", "float16(2, 3)[1.0, -2.0, 3.5, 0.25, 65504.0, 5.9604645E-8]"),
              Map.entry("bias", "float32(2)[-0.5, 1.2676506E30]"));
      Block block = block(fabric);
      fabric.loadRaw(path, block, LoadOptions.strict().nonStrict());
      assertThat(block.getParameters().get("weight").getArray().toFloatArray())
          .containsExactly(1, -2, 3.5f, 0.25f, 65504, 0x1p-24f);
      assertThat(block.getParameters().get("bias").getArray().toFloatArray())
          .containsExactly(-0.5f, 0x1p100f);
    }
  }
}

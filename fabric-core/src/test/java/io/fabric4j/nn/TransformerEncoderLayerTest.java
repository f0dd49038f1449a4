package io.fabric4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import io.fabric4j.Fabric;
import io.fabric4j.LoadOptions;
import io.fabric4j.Stateful;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransformerEncoderLayerTest {
  /** The names of {@code torch.nn.TransformerEncoderLayer}, each before the block's. */
  private static final List<List<String>> NAMES =
      List.of(
          List.of("self_attn.in_proj_weight", "01self_attn_in_proj_weight"),
          List.of("self_attn.in_proj_bias", "01self_attn_in_proj_bias"),
          List.of("self_attn.out_proj.weight", "01self_attn_01out_proj_weight"),
          List.of("self_attn.out_proj.bias", "01self_attn_01out_proj_bias"),
          List.of("linear1.weight", "02linear1_weight"),
          List.of("linear1.bias", "02linear1_bias"),
          List.of("linear2.weight", "03linear2_weight"),
          List.of("linear2.bias", "03linear2_bias"),
          List.of("norm1.weight", "04norm1_gamma"),
          List.of("norm1.bias", "04norm1_beta"),
          List.of("norm2.weight", "05norm2_gamma"),
          List.of("norm2.bias", "05norm2_beta"));

  private NDManager manager;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private static MultiHeadAttention attention() {
    return MultiHeadAttention.builder(4, 2).build();
  }

  private Block initialize(Block block) {
    block.initialize(manager, DataType.FLOAT32, TorchReference.SHAPE);
    return block;
  }

  private Block layer() {
    return initialize(new TransformerEncoderLayer(attention(), 5, 0));
  }

  private float[] output(Block block, boolean training) {
    return TorchReference.forward(block, TorchReference.input(manager), training).toFloatArray();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void equalsTorch(boolean training) {
    TorchReference.check(
        layer(),
        manager,
        training,
        "02linear1_bias",
        new float[] {
          0.751931f, 0.033829f, 0.633603f, 2.608207f, 0.275997f, 0.196508f, 1.008866f, 2.575402f,
          0.760658f, 0.022624f, 0.640029f, 2.603878f, 0.270418f, 0.201744f, 1.009614f, 2.575245f,
          0.766545f, 0.014016f, 0.645899f, 2.600495f, 0.260899f, 0.208668f, 1.014171f, 2.573741f
        },
        new float[] {
          -0.017438f,
          0.000903f,
          0.003781f,
          -0.020445f,
          -0.006141f,
          -0.000752f,
          -0.000549f,
          -0.008000f,
          -0.013542f,
          0.002094f,
          0.004668f,
          -0.015413f,
          -0.005713f,
          0.000017f,
          0.000591f,
          -0.006823f,
          -0.020241f,
          0.002085f,
          0.005293f,
          -0.024569f,
          -0.004400f,
          0.004382f,
          0.005355f,
          -0.006239f
        },
        new float[] {-0.004347f, 0.030959f, 0.065955f, 0.000000f, 0.000000f});
  }

  @Test
  void masksLaterRowsIfItsAttentionIsCausal() {
    MultiHeadAttention causal = MultiHeadAttention.builder(4, 2).causal().build();
    Block block = initialize(new TransformerEncoderLayer(causal, 5, 0));
    NDArray input = TorchReference.input(manager);
    NDIndex earlier = new NDIndex(":, :2");
    float[] before = TorchReference.forward(block, input, false).get(earlier).toFloatArray();
    input.set(new NDIndex(":, 2, 0"), 5);
    NDArray after = TorchReference.forward(block, input, false);
    assertThat(after.get(earlier).toFloatArray()).isEqualTo(before);
  }

  @Test
  void takesSequencesOfAnyLength() {
    Block block = layer();
    Shape longer = new Shape(5, 7, 4);
    assertThat(block.getOutputShapes(new Shape[] {longer})).containsExactly(longer);
    assertThat(TorchReference.forward(block, manager.ones(longer), false).getShape())
        .isEqualTo(longer);
  }

  @Test
  void dropsElementsInTrainingOnly() {
    Block block = initialize(new TransformerEncoderLayer(attention(), 64, 0.5f));
    float[] evaluated = output(block, false);
    assertThat(output(block, false)).isEqualTo(evaluated);
    try (GradMode mode = GradMode.enabled()) {
      assertThat(output(block, true)).isNotEqualTo(output(block, true)).isNotEqualTo(evaluated);
    }
  }

  @Test
  void takesTheWeightsOfTorchByAMapOfNames(@TempDir Path folder) throws Exception {
    String path = folder.resolve("torch.safetensors").toString();
    Block source = layer();
    TorchReference.fill(source);
    Map<String, Object> weights = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    for (List<String> name : NAMES) {
      weights.put(name.get(0), source.getParameters().get(name.get(1)).getArray());
      names.put(name.get(0), name.get(1));
    }
    assertThat(source.getParameters().keys()).containsExactlyElementsOf(names.values());
    Block target = layer();
    try (Fabric fabric = Fabric.builder().build()) {
      fabric.saveRaw(path, state(weights));
      fabric.loadRaw(path, target, LoadOptions.strict().rename(names));
    }
    assertThat(output(target, false)).isEqualTo(output(source, false));
  }

  private static Stateful state(Map<String, Object> values) {
    return new Stateful() {
      @Override
      public Map<String, Object> stateDict() {
        return values;
      }

      @Override
      public void loadStateDict(Map<String, Object> state) {
        throw new UnsupportedOperationException();
      }
    };
  }

  @Test
  void writesAndReadsItsParameters() throws Exception {
    Block block = layer();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    block.saveParameters(new DataOutputStream(bytes));
    Block read = new TransformerEncoderLayer(attention(), 5, 0);
    read.loadParameters(
        manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(read.isInitialized()).isTrue();
    assertThat(output(read, false)).isEqualTo(output(block, false));
  }

  @Test
  void rejectsSizesAndProbabilitiesOutOfRange() {
    assertThatThrownBy(() -> new TransformerEncoderLayer(attention(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The feed-forward network's size is 0. Choose at least 1.");
    assertThatThrownBy(() -> new TransformerEncoderLayer(attention(), 5, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dropout is 1.0. Choose a probability from 0 to less than 1.");
  }
}

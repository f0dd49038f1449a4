package io.fabric4j.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.TorchLibrary;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultiHeadAttentionTest {
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

  private Block initialize(MultiHeadAttention.Builder builder) {
    Block block = builder.build();
    block.initialize(manager, DataType.FLOAT32, TorchReference.SHAPE);
    return block;
  }

  private static MultiHeadAttention.Builder builder() {
    return MultiHeadAttention.builder(4, 2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void equalsTorch(boolean training) {
    TorchReference.check(
        initialize(builder()),
        manager,
        training,
        "in_proj_bias",
        new float[] {
          1.071565f,
          0.091452f,
          -0.756963f,
          -1.338200f,
          0.897818f,
          2.156173f,
          3.220253f,
          3.923596f,
          1.301787f,
          -0.814718f,
          -2.656460f,
          -3.931136f,
          0.669710f,
          2.761895f,
          4.564174f,
          5.793541f,
          1.220951f,
          -0.961788f,
          -2.846545f,
          -4.134225f,
          0.670525f,
          2.750828f,
          4.542972f,
          5.765552f
        },
        new float[] {
          -0.846080f,
          -1.022232f,
          -1.188170f,
          -1.342237f,
          -1.476513f,
          -1.714309f,
          -1.934976f,
          -2.136310f,
          -2.253509f,
          -2.451568f,
          -2.625131f,
          -2.772466f,
          -6.264709f,
          -6.776947f,
          -7.221474f,
          -7.593846f,
          -5.868380f,
          -6.607759f,
          -7.281114f,
          -7.881720f,
          0.090975f,
          -0.334854f,
          -0.757336f,
          -1.172252f
        },
        new float[] {
          -4.674775f,
          -3.970128f,
          -2.462095f,
          -0.820699f,
          0.000000f,
          0.000000f,
          0f,
          0f,
          3.683734f,
          4.635413f,
          5.540778f,
          6.390780f
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void equalsTorchWithACausalMask(boolean training) {
    TorchReference.check(
        initialize(builder().causal()),
        manager,
        training,
        "in_proj_bias",
        new float[] {
          1.465576f,
          -0.520074f,
          -2.277478f,
          -3.527649f,
          0.897696f,
          2.157239f,
          3.222339f,
          3.926374f,
          1.301787f,
          -0.814718f,
          -2.656460f,
          -3.931136f,
          0.663796f,
          2.812751f,
          4.663770f,
          5.926154f,
          1.373271f,
          -1.210089f,
          -3.456266f,
          -5.009104f,
          0.670525f,
          2.750828f,
          4.542972f,
          5.765552f
        },
        new float[] {
          -0.535284f,
          -0.703354f,
          -0.864395f,
          -1.016800f,
          -1.333345f,
          -1.531931f,
          -1.715211f,
          -1.881354f,
          -2.108829f,
          -2.306466f,
          -2.481058f,
          -2.630860f,
          -6.284908f,
          -6.935373f,
          -7.516543f,
          -8.022611f,
          -5.078958f,
          -6.069153f,
          -6.998708f,
          -7.858335f,
          -0.149137f,
          -0.309128f,
          -0.466031f,
          -0.618277f
        },
        new float[] {
          -5.719057f,
          -4.874321f,
          -1.021258f,
          -0.341885f,
          0.000000f,
          0.000000f,
          0.000000f,
          0.000000f,
          3.683734f,
          4.635413f,
          5.540777f,
          6.390780f
        });
  }

  /** Returns the outputs of the first two of three rows, before and after the third changes. */
  private float[][] outputsAroundAChange(Block block) {
    float[][] outputs = new float[2][];
    NDArray input = TorchReference.input(manager);
    NDIndex earlier = new NDIndex(":, :2");
    for (int i = 0; i < 2; i++) {
      outputs[i] = TorchReference.forward(block, input, false).get(earlier).toFloatArray();
      input.set(new NDIndex(":, 2"), 5);
    }
    return outputs;
  }

  @Test
  void aLaterRowChangesEarlierOutputsUnlessCausal() {
    float[][] causal = outputsAroundAChange(initialize(builder().causal()));
    assertThat(causal[1]).isEqualTo(causal[0]);
    float[][] full = outputsAroundAChange(initialize(builder()));
    assertThat(full[1]).isNotEqualTo(full[0]);
  }

  @Test
  void takesSequencesOfAnyLength() {
    Block block = initialize(builder().causal());
    Shape longer = new Shape(5, 7, 4);
    assertThat(block.getOutputShapes(new Shape[] {longer})).containsExactly(longer);
    NDArray output = TorchReference.forward(block, manager.ones(longer), false);
    assertThat(output.getShape()).isEqualTo(longer);
  }

  @Test
  void dropsWeightsInTrainingOnly() {
    Block block = initialize(builder().dropout(0.5));
    NDArray input = manager.randomNormal(new Shape(8, 9, 4));
    float[] evaluated = TorchReference.forward(block, input, false).toFloatArray();
    assertThat(TorchReference.forward(block, input, false).toFloatArray()).isEqualTo(evaluated);
    try (GradMode mode = GradMode.enabled()) {
      float[] trained = TorchReference.forward(block, input, true).toFloatArray();
      assertThat(trained).isNotEqualTo(evaluated);
      assertThat(TorchReference.forward(block, input, true).toFloatArray()).isNotEqualTo(trained);
    }
  }

  @Test
  void hasTheParametersOfTorchUnderDjlsNames() {
    Block block = initialize(builder());
    assertThat(block.getParameters().keys())
        .containsExactly("in_proj_weight", "in_proj_bias", "01out_proj_weight", "01out_proj_bias");
    assertThat(block.getParameters().values().stream().map(Parameter::getShape))
        .containsExactly(new Shape(12, 4), new Shape(12), new Shape(4, 4), new Shape(4));
  }

  @Test
  void writesAndReadsItsParameters() throws Exception {
    Block block = initialize(builder());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    block.saveParameters(new DataOutputStream(bytes));
    Block read = builder().build();
    read.loadParameters(
        manager, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(read.isInitialized()).isTrue();
    NDArray input = TorchReference.input(manager);
    assertThat(TorchReference.forward(read, input, false).toFloatArray())
        .isEqualTo(TorchReference.forward(block, input, false).toFloatArray());
  }

  @Test
  void rejectsRowsThatTheHeadsCannotShare() {
    for (int[] sizes : new int[][] {{5, 2}, {4, 0}, {0, 2}, {-4, 2}}) {
      assertThatThrownBy(() -> MultiHeadAttention.builder(sizes[0], sizes[1]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "A row of %d cannot be split into %d heads of equal size.", sizes[0], sizes[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.5, 1, Double.NaN})
  void rejectsWhatIsNoProbabilityOfDropping(double dropout) {
    assertThatThrownBy(() -> builder().dropout(dropout))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dropout is " + dropout + ". Choose a probability from 0 to less than 1.");
  }

  @Test
  void rejectsInputsOfAnotherShape() {
    for (Shape shape : new Shape[] {new Shape(3, 4), new Shape(2, 3, 8)}) {
      assertThatThrownBy(() -> builder().build().initialize(manager, DataType.FLOAT32, shape))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "An input of shape "
                  + shape
                  + " does not fit attention over rows of 4. Pass (batch, sequence, 4).");
    }
  }
}

package io.fabric4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.torch.TorchGenerator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The generators' states in a checkpoint; {@link ResumeIT} has ranks with generators of their own.
 */
class RandomStateTest {

  private static RandomState random(Fabric fabric) {
    return new RandomState(fabric.processGroup(), fabric.device(), fabric.manager());
  }

  private static float[] draw(Fabric fabric) {
    return fabric.manager().randomUniform(0, 1, new Shape(8)).toFloatArray();
  }

  /** Returns the states of several ranks, made from seeds. */
  private static Map<String, Object> states(Fabric fabric, int... seeds) {
    Map<String, Object> states = new HashMap<>();
    for (int rank = 0; rank < seeds.length; rank++) {
      TorchGenerator.seed(seeds[rank]);
      NDArray state = (NDArray) random(fabric).stateDict().get("rng.0");
      states.put("rng." + rank, state);
    }
    return states;
  }

  @Test
  void holdsAStateForEachRank() {
    List<String> keys = Launch.onRanks(3, fabric -> random(fabric).stateDict().keySet().toString());
    assertThat(keys).containsOnly("[rng.0, rng.1, rng.2]");
  }

  @Test
  void reusesItsArrays() {
    try (Fabric fabric = Fabric.builder().build()) {
      RandomState random = random(fabric);
      Object before = random.stateDict().get("rng.0");
      assertThat(random.stateDict().get("rng.0")).isSameAs(before);
    }
  }

  @Test
  void derivesStatesForAnotherWorldSizeAndWarns() {
    try (Fabric fabric = Fabric.builder().build()) {
      RandomState random = random(fabric);
      Map<String, Object> saved = states(fabric, 1, 2, 3);
      TorchGenerator.seed(1);
      float[] exact = draw(fabric);
      String log = CapturedLog.of(() -> random.loadStateDict(saved));
      float[] derived = draw(fabric);
      draw(fabric);
      random.loadStateDict(saved);
      assertThat(draw(fabric)).isEqualTo(derived).isNotEqualTo(exact);
      random.loadStateDict(states(fabric, 4, 2, 3));
      assertThat(draw(fabric)).isNotEqualTo(derived);
      assertThat(log)
          .contains(
              "The random state was saved by 3 ranks and is loaded by 1: each rank seeds its"
                  + " generators from rank 0's, so the resumed run is not exact.");
    }
  }

  /** A GPU's generator state says nothing about what a CPU draws, so the run cannot be exact. */
  @Test
  void derivesStatesFromAGpusCheckpointAndWarns() {
    try (Fabric fabric = Fabric.builder().build()) {
      Map<String, Object> saved = states(fabric, 1);
      saved.put("rng_cuda.0", fabric.manager().zeros(new Shape(16), DataType.UINT8));
      TorchGenerator.seed(1);
      float[] exact = draw(fabric);
      String log = CapturedLog.of(() -> random(fabric).loadStateDict(saved));
      float[] derived = draw(fabric);
      random(fabric).loadStateDict(saved);
      assertThat(draw(fabric)).isEqualTo(derived).isNotEqualTo(exact);
      assertThat(log)
          .contains(
              "The random state was saved by 1 ranks and is loaded by 1 on another kind of device:"
                  + " each rank seeds its generators from rank 0's, so the resumed run is not"
                  + " exact.");
    }
  }

  @Test
  void restoresExactlyOnItsOwnKindOfDeviceWithoutAWarning() {
    try (Fabric fabric = Fabric.builder().build()) {
      Map<String, Object> saved = states(fabric, 1);
      TorchGenerator.seed(1);
      float[] exact = draw(fabric);
      String log = CapturedLog.of(() -> random(fabric).loadStateDict(saved));
      assertThat(draw(fabric)).isEqualTo(exact);
      assertThat(log).doesNotContain("random state");
    }
  }

  @Test
  void rejectsOtherStates() {
    try (Fabric fabric = Fabric.builder().build()) {
      RandomState random = random(fabric);
      byte[] before = TorchGenerator.of(Device.cpu()).state();
      String end =
          ", but has to be the bytes of a generator of this version of PyTorch. Load it without"
              + " the random state.";
      assertThatThrownBy(() -> random.loadStateDict(Map.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The checkpoint does not fit: rng.0 is null" + end);
      assertThatThrownBy(() -> random.loadStateDict(Map.of("rng.0", 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The checkpoint does not fit: rng.0 is 3" + end);
      NDArray array = fabric.manager().create(new byte[] {1}, new Shape(1));
      assertThatThrownBy(() -> random.loadStateDict(Map.of("rng.0", array)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("The checkpoint does not fit: rng.0 is ")
          .hasMessageEndingWith(end);
      assertThat(TorchGenerator.of(Device.cpu()).state()).isEqualTo(before);
    }
  }
}

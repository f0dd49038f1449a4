package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Grad mode, threads, generator and backward: libtorch's state outside of tensors. */
class TorchStateTest {
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

  @Test
  void putsGradModeBack() {
    boolean before = JniUtils.isGradMode();
    try (GradMode on = GradMode.enabled()) {
      assertThat(JniUtils.isGradMode()).isTrue();
      try (GradMode off = GradMode.disabled()) {
        assertThat(JniUtils.isGradMode()).isFalse();
      }
      assertThat(JniUtils.isGradMode()).isTrue();
    }
    assertThat(JniUtils.isGradMode()).isEqualTo(before);
  }

  @Test
  void flushesDenormalsOnRequestOnly() {
    assertThat(halfOfTheSmallestNormal()).isPositive();
    try (TorchThread thread = TorchThread.enter(1, true)) {
      assertThat(halfOfTheSmallestNormal()).isZero();
    }
    assertThat(halfOfTheSmallestNormal()).isPositive();
  }

  private float halfOfTheSmallestNormal() {
    return manager.create(new float[] {Float.MIN_NORMAL}).mul(0.5f).toFloatArray()[0];
  }

  @Test
  void putsTheThreadsSettingsBack() {
    boolean recording = JniUtils.isGradMode();
    int threads = JniUtils.getNumThreads();
    try (GradMode off = GradMode.disabled();
        TorchThread thread = TorchThread.enter(threads + 1, false)) {
      assertThat(JniUtils.isGradMode()).isTrue();
      assertThat(JniUtils.getNumThreads()).isEqualTo(threads + 1);
      thread.close();
      assertThat(JniUtils.isGradMode()).isFalse();
      assertThat(JniUtils.getNumThreads()).isEqualTo(threads);
    }
    assertThat(JniUtils.isGradMode()).isEqualTo(recording);
  }

  @Test
  void handsItsSettingsToAnotherThread() throws Exception {
    int threads = JniUtils.getNumThreads() + 1;
    int[] seen = new int[1];
    try (TorchThread rank = TorchThread.enter(threads, false)) {
      Thread helper =
          new Thread(
              () -> {
                try (TorchThread same = rank.enterAlike()) {
                  seen[0] = JniUtils.isGradMode() ? JniUtils.getNumThreads() : -1;
                }
              });
      helper.start();
      helper.join();
    }
    assertThat(seen[0]).isEqualTo(threads);
  }

  @Test
  void keepsGradModePerThread() throws Exception {
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (GradMode off = GradMode.disabled()) {
      other.submit(GradMode::turnOn).get();
      assertThat(JniUtils.isGradMode()).isFalse();
      assertThat(other.submit(JniUtils::isGradMode).get()).isTrue();
    } finally {
      other.shutdownNow();
    }
  }

  private float[] draw(int count) {
    return manager.randomNormal(new Shape(count)).toFloatArray();
  }

  @Test
  void restoresTheGenerator() {
    TorchGenerator.seed(5);
    draw(3);
    byte[] state = TorchGenerator.of(Device.cpu()).state();
    float[] expected = draw(20);
    TorchGenerator.seed(6);
    TorchGenerator.of(Device.cpu()).restore(state);
    assertThat(TorchGenerator.of(Device.cpu()).state()).isEqualTo(state);
    assertThat(draw(20)).isEqualTo(expected);
  }

  @Test
  void rejectsAStateOfAnotherSize() {
    int size = TorchGenerator.of(Device.cpu()).state().length;
    assertThatThrownBy(() -> TorchGenerator.of(Device.cpu()).restore(new byte[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "A generator state of 3 bytes was made by another version of PyTorch; this one has "
                + size
                + " bytes. Seed the generator instead.");
  }

  @Test
  void drawsFromASeedAndGoesOnAsBefore() {
    TorchGenerator.seed(5);
    float[] inside = draw(10);
    float[] outside = draw(10);
    TorchGenerator.seed(5);
    draw(10);
    List<float[]> drawn = new ArrayList<>();
    TorchGenerator.withSeed(5, Device.cpu(), () -> drawn.add(draw(10)));
    assertThat(drawn.get(0)).isEqualTo(inside);
    assertThat(draw(10)).isEqualTo(outside);
  }

  @Test
  void putsTheStateBackAfterAFailure() {
    byte[] state = TorchGenerator.of(Device.cpu()).state();
    assertThatThrownBy(
            () ->
                TorchGenerator.withSeed(
                    5,
                    Device.cpu(),
                    () -> {
                      draw(3);
                      throw new IllegalStateException("no values");
                    }))
        .hasMessage("no values");
    assertThat(TorchGenerator.of(Device.cpu()).state()).isEqualTo(state);
  }

  @Test
  void givesEachThreadTheNumbersOfItsSeed() throws Exception {
    List<float[]> expected = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      TorchGenerator.withSeed(seed, Device.cpu(), () -> expected.add(drawTwice(manager)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int seed = i % 4;
        results.add(threads.submit(() -> checkDraws(seed, expected.get(seed))));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void checkDraws(int seed, float[] expected) {
    try (NDManager own = NDManager.newBaseManager()) {
      TorchGenerator.withSeed(
          seed, Device.cpu(), () -> assertThat(drawTwice(own)).isEqualTo(expected));
    }
  }

  private static float[] drawTwice(NDManager manager) {
    NDArray first = manager.randomNormal(new Shape(25));
    Thread.yield();
    return first.concat(manager.randomNormal(new Shape(25))).toFloatArray();
  }

  @Test
  void scalesGradients() {
    try (GradMode on = GradMode.enabled()) {
      NDArray parameter = manager.create(new float[] {1, 2});
      parameter.setRequiresGradient(true);
      Autograd.backward(parameter.square().sum(), 0.25);
      Autograd.backward(parameter.sum().reshape(1, 1), 1);
      assertThat(parameter.getGradient().toFloatArray()).containsExactly(1.5f, 2);
    }
  }

  @Test
  void runsBackwardWhereRecordingIsOff() {
    NDArray parameter = manager.create(new double[] {3});
    parameter.setRequiresGradient(true);
    NDArray loss;
    try (GradMode on = GradMode.enabled()) {
      loss = parameter.square().sum();
    }
    try (GradMode off = GradMode.disabled()) {
      Autograd.backward(loss, 1);
      assertThat(JniUtils.isGradMode()).isFalse();
    }
    assertThat(parameter.getGradient().toDoubleArray()).containsExactly(6);
  }

  @Test
  void leavesNoArrayBehind() {
    try (GradMode on = GradMode.enabled()) {
      NDArray parameter = manager.create(new float[] {1, 2});
      parameter.setRequiresGradient(true);
      NDArray loss = parameter.sum();
      int before = manager.getManagedArrays().size();
      Autograd.backward(loss, 1);
      assertThat(manager.getManagedArrays()).hasSize(before);
    }
  }

  @Test
  void rejectsALossThatHasNoGradientOrSeveralElements() {
    NDArray constant = manager.ones(new Shape(2));
    assertThatThrownBy(() -> Autograd.backward(constant, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "backward needs a loss of one element, got shape (2). Reduce it first, for example"
                + " with loss.mean().");
    assertThatThrownBy(() -> Autograd.backward(constant.sum(), 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "The loss depends on no parameter that requires a gradient. Compute it from the output"
                + " of the block's forward; evaluate and toType record no gradient.");
  }
}

package io.fabric4j.internal.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GradientHookTest {
  private NDManager manager;
  private GradMode mode;
  private NDArray parameter;
  private final List<Thread> calls = new ArrayList<>();

  @BeforeEach
  void open() {
    TorchLibrary.load();
    mode = GradMode.enabled();
    manager = NDManager.newBaseManager();
    parameter = manager.create(new float[] {1, 2});
    parameter.setRequiresGradient(true);
  }

  @AfterEach
  void close() {
    manager.close();
    mode.close();
  }

  private void backward() {
    NDArray twice = parameter.mul(3).add(parameter.square());
    Autograd.backward(twice.sum(), 1);
  }

  private GradientHook register() {
    return GradientHook.register(parameter, () -> calls.add(Thread.currentThread()));
  }

  @Test
  void firesOncePerBackwardOnTheCallingThread() {
    try (GradientHook hook = register()) {
      backward();
      assertThat(calls).containsExactly(Thread.currentThread());
      backward();
      assertThat(calls).hasSize(2);
    }
    assertThat(parameter.getGradient().toFloatArray()).containsExactly(10, 14);
  }

  @Test
  void doesNotFireForOtherParameters() {
    NDArray other = manager.create(new float[] {1});
    other.setRequiresGradient(true);
    try (GradientHook hook = register()) {
      Autograd.backward(other.square().sum(), 1);
      assertThat(calls).isEmpty();
    }
  }

  @Test
  void survivesGarbageCollections() {
    try (GradientHook hook = register()) {
      for (int step = 1; step <= 5; step++) {
        System.gc();
        backward();
        assertThat(calls).hasSize(step);
      }
    }
  }

  @Test
  void seesTheGradientBeforeItIsAdded() {
    backward();
    List<Float> seen = new ArrayList<>();
    try (FlatTensor gradient = FlatTensor.of(parameter.getGradient());
        GradientHook hook =
            GradientHook.register(
                parameter, () -> seen.add(gradient.bytes(0, 4).asFloatBuffer().get()))) {
      backward();
    }
    assertThat(seen).containsExactly(5f);
  }

  @Test
  void letsSeveralHooksWatchOneParameter() {
    GradientHook first = register();
    GradientHook second = register();
    backward();
    assertThat(calls).hasSize(2);
    first.close();
    backward();
    assertThat(calls).hasSize(3);
    second.close();
    backward();
    assertThat(calls).hasSize(3);
  }

  @Test
  void isRemovedOnClose() {
    GradientHook hook = register();
    hook.close();
    System.gc();
    backward();
    assertThat(calls).isEmpty();
    assertThat(parameter.getGradient().toFloatArray()).containsExactly(5, 7);
  }

  @Test
  void closesAfterItsParameter() {
    GradientHook hook = register();
    parameter.close();
    assertThatCode(hook::close).doesNotThrowAnyException();
  }
}

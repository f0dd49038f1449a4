package io.fabric4j.internal.parameters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.distributed.SingleProcessGroup;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.strategies.FlatSlice;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A backward that is run again by its kernels alone, of a model with two groups. */
class ReplayedGradientsTest {
  private NDManager manager;
  private GradMode mode;
  private VectorBlock block;
  private FlatParameters flat;
  private ReplayedGradients gradients;

  @BeforeEach
  void open() {
    TorchLibrary.load();
    mode = GradMode.enabled();
    manager = NDManager.newBaseManager();
    block = new VectorBlock();
    for (String name : List.of("a", "b", "c")) {
      block.with(name, manager.ones(new Shape(3)));
    }
    block.with("d", manager.ones(new Shape(3), DataType.FLOAT64));
    flat = FlatParameters.create(block, List.of(), manager, new SingleProcessGroup());
    gradients = new ReplayedGradients(List.of(flat));
  }

  @AfterEach
  void close() {
    flat.close();
    manager.close();
    mode.close();
  }

  private void backward(String... names) {
    for (String name : names) {
      Autograd.backward(block.term(name, 2), 1);
    }
  }

  private List<String> names(Predicate<ParameterSlot> flag) {
    return flat.groups().stream()
        .flatMap(group -> group.slots().stream())
        .filter(flag)
        .map(ParameterSlot::name)
        .sorted()
        .toList();
  }

  private ParameterSlot slot(String name) {
    return flat.groups().stream()
        .flatMap(group -> group.slots().stream())
        .filter(slot -> slot.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void recordingLeavesTheFlagsAsTheyWere() {
    slot("a").restore(true, true);
    slot("b").restore(true, false);
    gradients.record(
        () -> {
          assertThat(names(ParameterSlot::isTouched)).isEmpty();
          assertThat(names(ParameterSlot::isReduced)).isEmpty();
          backward("a", "c", "d");
          assertThat(names(ParameterSlot::isTouched)).containsExactly("a", "c", "d");
        });
    assertThat(names(ParameterSlot::isTouched)).containsExactly("a", "b");
    assertThat(names(ParameterSlot::isReduced)).containsExactly("a");
  }

  @Test
  void aReplayReachesTheRecordedParametersOnly() {
    AtomicInteger arrivals = new AtomicInteger();
    gradients.record(() -> backward("a", "d"));
    flat.zeroGradients();
    flat.onGradient(arrivals::incrementAndGet);
    for (int replay = 1; replay <= 2; replay++) {
      gradients.beforeReplay();
      assertThat(names(ParameterSlot::isTouched)).containsExactly("a", "d");
      assertThat(names(ParameterSlot::isReduced)).isEmpty();
      assertThat(arrivals).hasValue(2 * replay);
      flat.zeroGradients();
    }
  }

  /** Another rank keeps the reduced gradients, so this one must not add to them again. */
  @Test
  void aReplayDropsReducedGradientsThatRecordingKept() {
    backward("a", "b");
    flat.groups().forEach(group -> group.keepReduced(new FlatSlice(0, 0)));
    slot("a").setReduced(true);
    slot("b").setReduced(true);
    gradients.record(() -> backward("a"));
    assertThat(block.gradient("a")).containsOnly(4);
    gradients.beforeReplay();
    assertThat(block.gradient("a")).containsOnly(0);
    assertThat(block.gradient("b")).containsOnly(2);
    assertThat(names(ParameterSlot::isReduced)).containsExactly("b");
  }

  @Test
  void aFailureRestoresTheFlagsAndRecordsNothing() {
    slot("a").restore(true, true);
    RuntimeException failure = new IllegalStateException("the capture failed");
    assertThatThrownBy(
            () ->
                gradients.record(
                    () -> {
                      backward("b");
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(names(ParameterSlot::isTouched)).containsExactly("a");
    assertThat(names(ParameterSlot::isReduced)).containsExactly("a");
    flat.zeroGradients();
    gradients.beforeReplay();
    assertThat(names(ParameterSlot::isTouched)).isEmpty();
  }
}

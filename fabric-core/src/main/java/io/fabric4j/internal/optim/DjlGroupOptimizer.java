package io.fabric4j.internal.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.parameters.ParameterSlot;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.FlatSlice;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Updates one parameter after the other by a DJL optimizer, in place: a parameter's array and its
 * gradient are views of the flat buffers.
 */
final class DjlGroupOptimizer implements GroupOptimizer {
  private static final String LAST_COUNT = "num_update";

  private final DjlState state;
  private final FlatGroup group;

  /**
   * Binds the optimizer to a group.
   *
   * @param state of an optimizer that several groups share
   */
  DjlGroupOptimizer(DjlState state, FlatGroup group, FlatSlice slice) {
    this.state = state;
    this.group = group;
    if (slice.length() < group.length()) {
      throw new IllegalArgumentException(
          "DJL optimizers update whole parameters, but the strategy gives this rank elements "
              + slice.begin()
              + " to "
              + slice.end()
              + " of "
              + group.length()
              + ". Use SGD, Adam or AdamW of io.fabric4j.optim, or a strategy that does not shard"
              + " optimizer states, such as ddp.");
    }
    if (group.dataType() == DataType.BFLOAT16) {
      throw new IllegalArgumentException(
          "DJL optimizers cannot update parameters of type BFLOAT16, such as "
              + group.slots().get(0).name()
              + ". Use SGD, Adam or AdamW of io.fabric4j.optim, or another precision.");
    }
  }

  @Override
  public FlatTensor gradient() {
    return group.gradient().slice(0, group.length());
  }

  @Override
  public FlatGroup group() {
    return group;
  }

  @Override
  public boolean isSharded() {
    return false;
  }

  @Override
  public void step() {
    for (ParameterSlot slot : group.slots()) {
      if (slot.needsUpdate()) {
        try (NDArray gradient = slot.array().getGradient()) {
          state.optimizer().update(slot.name(), slot.array(), gradient);
        }
      }
    }
  }

  @Override
  public double learningRate() {
    return Double.NaN;
  }

  @Override
  public void setLearningRate(double learningRate) {
    throw new IllegalStateException(
        "A DJL optimizer takes its learning rate from its own tracker, so it cannot be set to "
            + learningRate
            + ". Give the DJL optimizer's builder a tracker that follows your schedule, or use"
            + " SGD, Adam or AdamW of io.fabric4j.optim.");
  }

  @Override
  public long stateBytes() {
    return arrays().values().stream()
        .mapToLong(array -> ((NDArray) array).size() * group.dataType().getNumOfBytes())
        .sum();
  }

  @Override
  public Map<String, Object> arrays(ProcessGroup ranks, NDManager owner) {
    return arrays();
  }

  private Map<String, Object> arrays() {
    Map<String, Object> arrays = new LinkedHashMap<>();
    forEachState(
        (name, slot) -> {
          NDArray array = state.get(name, slot.name(), slot.array().getDevice());
          if (array != null) {
            arrays.put(key(name, slot), array);
          }
        });
    return arrays;
  }

  private void forEachState(BiConsumer<String, ParameterSlot> action) {
    for (String name : state.names()) {
      group.slots().forEach(slot -> action.accept(name, slot));
    }
  }

  private static String key(String name, ParameterSlot slot) {
    return name + "." + slot.name();
  }

  @Override
  public StateTarget target(Set<String> names, NDManager scratch) {
    Map<String, Object> loaded = new LinkedHashMap<>();
    forEachState(
        (name, slot) -> {
          if (names.contains(key(name, slot))) {
            loaded.put(key(name, slot), scratch.zeros(slot.array().getShape(), group.dataType()));
          }
        });
    return new StateTarget() {
      @Override
      public Map<String, Object> arrays() {
        return loaded;
      }

      @Override
      public void commit() {
        forEachState((name, slot) -> replace(name, slot, (NDArray) loaded.get(key(name, slot))));
      }

      @Override
      public void close() {}
    };
  }

  /** Sets a state to an array, which then belongs to it, or to none for null. */
  private void replace(String name, ParameterSlot slot, NDArray array) {
    if (array != null) {
      array.detach();
    }
    state.set(name, slot.name(), array);
  }

  @Override
  public Map<String, Object> steps() {
    Map<String, Object> result = new LinkedHashMap<>();
    for (ParameterSlot slot : group.slots()) {
      result.put("step." + slot.name(), state.count(slot.name()));
    }
    result.put(LAST_COUNT, state.lastCount());
    return result;
  }

  @Override
  public void load(Map<String, Object> values, double rate) {
    for (ParameterSlot slot : group.slots()) {
      state.setCount(slot.name(), count(values, "step." + slot.name()));
    }
    state.setLastCount(count(values, LAST_COUNT));
  }

  private static int count(Map<String, Object> values, String key) {
    return values.get(key) instanceof Number number ? number.intValue() : 0;
  }

  @Override
  public void close() {
    forEachState((name, slot) -> state.set(name, slot.name(), null));
  }
}

package io.fabric4j.internal.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.FlatGroup;
import io.fabric4j.internal.parameters.ParameterSlot;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.FlatSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Copies of a sharded optimizer state at full length, for checkpoints. */
final class FullState implements AutoCloseable {
  private final List<FlatTensor> flats = new ArrayList<>();
  private final Map<String, Object> views = new LinkedHashMap<>();

  /**
   * Allocates zeros.
   *
   * @param owner of the views
   */
  FullState(List<String> names, FlatGroup group, NDManager owner) {
    for (String name : names) {
      FlatTensor flat = group.data().newZeros(group.length());
      flats.add(flat);
      addViews(name, flat, group, owner, views);
    }
  }

  static void addViews(
      String name, FlatTensor flat, FlatGroup group, NDManager owner, Map<String, Object> views) {
    for (ParameterSlot slot : group.slots()) {
      try (FlatTensor part = flat.slice(slot.offset(), slot.length())) {
        views.put(name + "." + slot.name(), part.toArrayLike(slot.array(), owner));
      }
    }
  }

  /** Returns the arrays by {@code <state>.<parameter>}. */
  Map<String, Object> views() {
    return views;
  }

  /** Fills the arrays with the slices of all ranks. Collective. */
  void gather(List<FlatTensor> slices, ProcessGroup group, NDManager owner) {
    for (int i = 0; i < flats.size(); i++) {
      FlatTensor slice = slices.get(i);
      try (NDArray output = flats.get(i).toArray(owner, new Shape(group.size(), slice.length()));
          NDArray input = slice.toArray(owner, new Shape(slice.length()))) {
        group.allGather(output, input).waitFor();
      }
    }
  }

  /** Returns a target that a rank's slices are copied out of. */
  StateTarget target(List<FlatTensor> slices, FlatSlice place) {
    return new StateTarget() {
      @Override
      public Map<String, Object> arrays() {
        return views;
      }

      @Override
      public void commit() {
        for (int i = 0; i < flats.size(); i++) {
          try (FlatTensor part = flats.get(i).slice(place.begin(), place.length())) {
            slices.get(i).copyFrom(part);
          }
        }
      }

      @Override
      public void close() {
        FullState.this.close();
      }
    };
  }

  @Override
  public void close() {
    flats.forEach(FlatTensor::close);
  }
}

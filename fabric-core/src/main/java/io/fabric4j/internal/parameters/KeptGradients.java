package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.ArrayList;
import java.util.List;

/** A model's gradients, put back on close: the backward of a filler leaves no trace. */
public final class KeptGradients implements AutoCloseable {
  private final List<Kept> groups = new ArrayList<>();

  private record Kept(FlatGroup group, NDArray gradients, boolean[] touched, boolean[] reduced) {}

  public KeptGradients(List<FlatParameters> models) {
    for (FlatParameters model : models) {
      for (FlatGroup group : model.groups()) {
        groups.add(
            new Kept(group, group.gradientArray().duplicate(), group.touched(), group.reduced()));
      }
    }
  }

  @Override
  public void close() {
    for (Kept kept : groups) {
      FlatTensor.copy(kept.group().gradientArray(), kept.gradients());
      kept.group().restore(kept.touched(), kept.reduced());
      kept.gradients().close();
    }
  }
}

package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.FlatBuffers;
import io.fabric4j.strategies.FlatSlice;
import io.fabric4j.strategies.GradientSynchronizer;

/** Every rank updates one slice of the parameters and then gets the others' slices. */
public final class ShardedSynchronizer implements GradientSynchronizer {
  private final Reducer reducer;
  private final ProcessGroup group;

  public ShardedSynchronizer(Reducer reducer, ProcessGroup group) {
    this.reducer = reducer;
    this.group = group;
  }

  @Override
  public void beforeForward(int source) {
    reducer.beforeForward(source);
  }

  @Override
  public void beforeBackward() {
    reducer.beforeBackward();
  }

  @Override
  public void afterBackward() {
    reducer.afterBackward();
  }

  @Override
  public FlatSlice slice(FlatBuffers flat) {
    return slice(flat, group);
  }

  /** Returns the slice of this rank. */
  public static FlatSlice slice(FlatBuffers flat, ProcessGroup group) {
    long length = flat.length() / group.size();
    return new FlatSlice(group.rank() * length, (group.rank() + 1) * length);
  }

  @Override
  public void afterStep(FlatBuffers flat) {
    NDArray parameters = flat.parameterArray();
    FlatSlice slice = slice(flat);
    try (FlatTensor all = FlatTensor.of(parameters);
        FlatTensor part = all.slice(slice.begin(), slice.length());
        NDArray output =
            all.toArray(parameters.getManager(), new Shape(group.size(), slice.length()));
        NDArray input = part.toArray(parameters.getManager(), new Shape(slice.length()))) {
      group.allGather(output, input).waitFor();
    }
  }

  @Override
  public String describe() {
    return reducer.describe() + ", then the updated slices are gathered";
  }

  @Override
  public void close() {
    reducer.close();
  }
}

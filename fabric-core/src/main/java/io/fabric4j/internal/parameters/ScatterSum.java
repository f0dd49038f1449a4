package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.strategies.FlatBuffers;
import io.fabric4j.strategies.FlatModel;
import java.util.ArrayList;
import java.util.List;

/** Gives every rank the sum of its own slice; the rest of its gradients is undefined afterwards. */
public final class ScatterSum implements GradientSum {
  private final ProcessGroup group;
  private final List<Part> parts = new ArrayList<>();

  /** The arrays of one group: all ranks' slices, the sum of the own one, where it goes, flags. */
  private record Part(NDArray slices, NDArray sum, NDArray own, NDArray flags) {}

  /** Plans the slices. */
  public ScatterSum(FlatModel model, ProcessGroup group) {
    this.group = group;
    for (FlatBuffers flat : model.groups()) {
      parts.add(part(flat));
    }
  }

  private Part part(FlatBuffers flat) {
    NDArray gradients = flat.gradientArray();
    NDManager manager = gradients.getManager();
    long slice = flat.length() / group.size();
    try (FlatTensor all = FlatTensor.of(gradients);
        FlatTensor values = all.slice(0, flat.length());
        FlatTensor own = all.slice(group.rank() * slice, slice);
        FlatTensor flags = all.slice(flat.length(), all.length() - flat.length());
        FlatTensor sum = all.newZeros(slice)) {
      return new Part(
          values.toArray(manager, new Shape(group.size(), slice)),
          sum.toArray(manager, new Shape(slice)),
          own.toArray(manager, new Shape(slice)),
          flags.toArray(manager, new Shape(flags.length())));
    }
  }

  @Override
  public void run() {
    for (Part part : parts) {
      group.reduceScatter(part.sum(), part.slices(), ReduceOp.SUM).waitFor();
      group.allReduce(part.flags(), ReduceOp.SUM).waitFor();
      FlatTensor.copy(part.own(), part.sum());
    }
  }

  @Override
  public String describe() {
    return "summed on each rank for its slice";
  }

  @Override
  public void close() {
    for (Part part : parts) {
      part.slices().close();
      part.sum().close();
      part.own().close();
      part.flags().close();
    }
  }
}

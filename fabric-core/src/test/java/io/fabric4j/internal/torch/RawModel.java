package io.fabric4j.internal.torch;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FusedAdamKernel.Constants;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A network written by hand against libtorch's bindings: its parameters and their gradients lie in
 * one piece of memory each, and a fused Adam updates them.
 */
public final class RawModel implements AutoCloseable {
  private static final double SCALE = 0.05;

  private final Forward forward;
  private final List<Tensor> parameters = new ArrayList<>();
  private final FlatTensor data;
  private final FlatTensor gradients;
  private final List<FlatTensor> moments;
  private final FusedAdamKernel adam;

  /** Computes logits, shape {@code (rows, classes)}. */
  interface Forward {
    Tensor apply(List<Tensor> parameters, Tensor input);
  }

  RawModel(List<long[]> shapes, Forward forward) {
    this.forward = forward;
    long length = shapes.stream().mapToLong(RawModel::size).sum();
    data = FlatTensor.zeros(DataType.FLOAT32, length);
    gradients = data.newZeros(length);
    moments = List.of(data.newZeros(length), data.newZeros(length));
    try (GradMode mode = GradMode.disabled()) {
      data.tensor().normal_();
      data.multiply(SCALE);
      long offset = 0;
      for (long[] shape : shapes) {
        parameters.add(parameter(offset, shape));
        offset += size(shape);
      }
    }
    adam =
        new FusedAdamKernel(
            new Constants(0.9, 0.999, 1e-8, false, false),
            data,
            gradients,
            moments.get(0),
            moments.get(1),
            null);
  }

  private Tensor parameter(long offset, long[] shape) {
    Tensor values = data.tensor().narrow(0, offset, size(shape)).view(shape).detach();
    values.set_requires_grad(true);
    values.mutable_grad().put(gradients.tensor().narrow(0, offset, size(shape)).view(shape));
    return values;
  }

  private static long size(long[] shape) {
    long size = 1;
    for (long dimension : shape) {
      size *= dimension;
    }
    return size;
  }

  Tensor forward(Tensor input) {
    return forward.apply(parameters, input);
  }

  void zeroGradients() {
    gradients.zero();
  }

  void update(long step) {
    try (GradMode mode = GradMode.disabled()) {
      adam.run(step, 1e-3, 0);
    }
  }

  @Override
  public void close() {
    adam.close();
    parameters.forEach(Tensor::close);
    moments.forEach(FlatTensor::close);
    gradients.close();
    data.close();
  }
}

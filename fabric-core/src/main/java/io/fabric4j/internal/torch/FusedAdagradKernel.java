package io.fabric4j.internal.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/** {@code aten::_fused_adagrad_}. */
public final class FusedAdagradKernel implements FusedKernel {

  /** Constants of the rule. */
  public record Constants(double learningRateDecay, double eps) {}

  private final Constants constants;
  private final OperatorHandle operator;
  private final Tensor step;
  private final IValue[] lists;

  /** Binds the kernel to memory. */
  public FusedAdagradKernel(
      Constants constants, FlatTensor parameters, FlatTensor gradients, FlatTensor sum) {
    this.constants = constants;
    operator = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adagrad_", "");
    step = StepTensor.like(parameters);
    lists =
        new IValue[] {
          TensorList.of(parameters.tensor()),
          TensorList.of(gradients.tensor()),
          TensorList.of(sum.tensor()),
          TensorList.of(step)
        };
  }

  @Override
  public void run(long stepCount, double learningRate, double weightDecay) {
    try (PointerScope scope = new PointerScope()) {
      StepTensor.set(step, stepCount);
      operator.callBoxed(
          new IValueVector(
              lists[0],
              lists[1],
              lists[2],
              lists[3],
              new IValue(learningRate),
              new IValue(constants.learningRateDecay),
              new IValue(weightDecay),
              new IValue(constants.eps),
              new IValue(false),
              new IValue(),
              new IValue()));
    }
  }

  @Override
  public void close() {
    for (IValue list : lists) {
      list.close();
    }
    step.close();
    operator.close();
  }
}

package io.fabric4j.internal.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;

/** {@code aten::_fused_sgd_}. */
public final class FusedSGDKernel implements FusedKernel {

  /** Constants of the rule. */
  public record Constants(double momentum, double dampening, boolean nesterov) {}

  private final Constants constants;
  private final OperatorHandle operator;
  private final IValue[] lists;

  /**
   * Binds the kernel to memory.
   *
   * @param momentumBuffer null without momentum
   */
  public FusedSGDKernel(
      Constants constants, FlatTensor parameters, FlatTensor gradients, FlatTensor momentumBuffer) {
    this.constants = constants;
    operator = Dispatcher.singleton().findSchemaOrThrow("aten::_fused_sgd_", "");
    lists =
        new IValue[] {
          TensorList.of(parameters.tensor()),
          TensorList.of(gradients.tensor()),
          TensorList.ofNullable(momentumBuffer)
        };
  }

  @Override
  public void run(long stepCount, double learningRate, double weightDecay) {
    try (PointerScope scope = new PointerScope()) {
      operator.callBoxed(
          new IValueVector(
              lists[0],
              lists[1],
              lists[2],
              new IValue(weightDecay),
              new IValue(constants.momentum),
              new IValue(learningRate),
              new IValue(constants.dampening),
              new IValue(constants.nesterov),
              new IValue(false),
              new IValue(stepCount == 1),
              new IValue(),
              new IValue()));
    }
  }

  @Override
  public void close() {
    for (IValue list : lists) {
      list.close();
    }
    operator.close();
  }
}

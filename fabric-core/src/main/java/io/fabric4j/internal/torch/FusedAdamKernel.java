package io.fabric4j.internal.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;

/** {@code aten::_fused_adam_} or, with decoupled weight decay, {@code aten::_fused_adamw_}. */
public final class FusedAdamKernel implements FusedKernel {

  /**
   * Constants of the rule.
   *
   * @param decoupled whether weight decay acts on the parameter (AdamW) or on the gradient (Adam)
   */
  public record Constants(
      double beta1, double beta2, double eps, boolean amsgrad, boolean decoupled) {}

  private final Constants constants;
  private final OperatorHandle operator;
  private final Tensor step;
  private final IValue[] lists;

  /**
   * Binds the kernel to memory.
   *
   * @param maxExpAvgSq null unless {@code amsgrad}
   */
  public FusedAdamKernel(
      Constants constants,
      FlatTensor parameters,
      FlatTensor gradients,
      FlatTensor expAvg,
      FlatTensor expAvgSq,
      FlatTensor maxExpAvgSq) {
    this.constants = constants;
    operator =
        Dispatcher.singleton()
            .findSchemaOrThrow(
                constants.decoupled ? "aten::_fused_adamw_" : "aten::_fused_adam_", "");
    step = StepTensor.like(parameters);
    lists =
        new IValue[] {
          TensorList.of(parameters.tensor()),
          TensorList.of(gradients.tensor()),
          TensorList.of(expAvg.tensor()),
          TensorList.of(expAvgSq.tensor()),
          TensorList.ofNullable(maxExpAvgSq),
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
              lists[4],
              lists[5],
              new IValue(learningRate),
              new IValue(constants.beta1),
              new IValue(constants.beta2),
              new IValue(weightDecay),
              new IValue(constants.eps),
              new IValue(constants.amsgrad),
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

package io.fabric4j.internal.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/** Adagrad in elementary operations, for devices without a fused kernel of it: CUDA. */
public final class AdagradKernel implements FusedKernel {
  private final FusedAdagradKernel.Constants constants;
  private final Tensor parameters;
  private final Tensor gradients;
  private final Tensor sum;

  /** Binds the kernel to memory. */
  public AdagradKernel(
      FusedAdagradKernel.Constants constants,
      FlatTensor parameters,
      FlatTensor gradients,
      FlatTensor sum) {
    this.constants = constants;
    this.parameters = parameters.tensor().detach();
    this.gradients = gradients.tensor().detach();
    this.sum = sum.tensor().detach();
  }

  @Override
  public void run(long step, double learningRate, double weightDecay) {
    double rate = learningRate / (1 + (step - 1) * constants.learningRateDecay());
    try (PointerScope scope = new PointerScope()) {
      Tensor decayed =
          weightDecay == 0 ? gradients : gradients.add(parameters, new Scalar(weightDecay));
      sum.addcmul_(decayed, decayed);
      Tensor deviation = sum.sqrt().add_(new Scalar(constants.eps()));
      parameters.addcdiv_(decayed, deviation, new Scalar(-rate));
    }
  }

  @Override
  public void close() {
    parameters.close();
    gradients.close();
    sum.close();
  }
}

package io.fabric4j.internal.torch;

/** One optimizer update of a contiguous range of parameters: a single native call. */
public interface FusedKernel extends AutoCloseable {

  /**
   * Updates the parameters and the optimizer's state from the gradients.
   *
   * @param step how often these parameters have been updated, this time included
   * @param learningRate of this update
   * @param weightDecay of this update
   */
  void run(long step, double learningRate, double weightDecay);

  @Override
  void close();
}

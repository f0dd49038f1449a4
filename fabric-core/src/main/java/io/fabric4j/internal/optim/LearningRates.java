package io.fabric4j.internal.optim;

/** The learning rates of parameter groups. */
public interface LearningRates {
  int groupCount();

  double learningRate(int group);

  void setLearningRate(int group, double learningRate);
}

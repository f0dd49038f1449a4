package io.fabric4j.internal.parameters;

/** Hyper-parameters that all parameters of a group share. */
record GroupSettings(double learningRate, double weightDecay) {}

package io.fabric4j.internal.parameters;

/**
 * What all parameters of a group share.
 *
 * @param optimizer index of the optimizer that updates them, -1 for none
 */
record GroupSettings(int optimizer, double learningRate, double weightDecay) {}

package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import java.util.function.UnaryOperator;

/** All parameters of a block, or what belongs to them, as one vector. */
public final class ParameterVector {

  private ParameterVector() {}

  /** Returns the values. */
  public static float[] values(Block block) {
    return collect(block, array -> array);
  }

  /** Returns the gradients. */
  public static float[] gradients(Block block) {
    return collect(block, NDArray::getGradient);
  }

  private static float[] collect(Block block, UnaryOperator<NDArray> part) {
    NDList parts = new NDList();
    block
        .getParameters()
        .values()
        .forEach(parameter -> parts.add(part.apply(parameter.getArray()).flatten()));
    try (NDArray all = NDArrays.concat(parts)) {
      return all.toFloatArray();
    }
  }

  /** Returns the norm of the difference, relative to the norm of what is expected. */
  public static double distance(float[] values, float[] expected) {
    if (values.length != expected.length) {
      return Double.POSITIVE_INFINITY;
    }
    double difference = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      difference += Math.pow((double) values[i] - expected[i], 2);
      norm += Math.pow(expected[i], 2);
    }
    return Math.sqrt(difference / norm);
  }
}

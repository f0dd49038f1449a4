package io.fabric4j.spark.internal.doctor;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.precision.Precision;
import io.fabric4j.strategies.ZeroStrategy;

/**
 * Bytes outside the Java heap that a rank's model takes while it trains, without activations and
 * batches.
 *
 * @param weights the parameters
 * @param gradients as many; ranks of one host keep them in shared memory
 * @param moments what the optimizer keeps
 * @param casts copies of the parameters in the type of mixed precision
 */
record MemoryNeed(long weights, long gradients, long moments, long casts) {
  /** What a JVM takes for itself beyond its heap. */
  private static final long JVM = 384L << 20;

  /** What libtorch takes in a process before there is a model. */
  private static final long LIBTORCH = 256L << 20;

  static MemoryNeed of(Subject subject, int ranks) {
    Precision precision = subject.options().fabric().precision();
    DataType type = precision.parameterType();
    long bytes = subject.parameters() * (type == null ? Float.BYTES : type.getNumOfBytes());
    boolean sharded = subject.options().fabric().strategy() instanceof ZeroStrategy;
    long moments = subject.moments() * bytes;
    return new MemoryNeed(
        bytes,
        bytes,
        sharded ? (moments + ranks - 1) / ranks : moments,
        precision.isMixed() ? subject.parameters() * Short.BYTES : 0);
  }

  long ofModel() {
    return weights + gradients + moments + casts;
  }

  /** Returns what a process needs beside its heap. */
  long ofProcess(int ranks) {
    return JVM + LIBTORCH + ranks * ofModel();
  }

  /** Returns the parts of a rank in words. */
  @Override
  public String toString() {
    return Bytes.text(ofModel())
        + " per rank (weights "
        + Bytes.text(weights)
        + ", gradients "
        + Bytes.text(gradients)
        + ", moments "
        + Bytes.text(moments)
        + (casts == 0 ? "" : ", casts " + Bytes.text(casts))
        + "; activations and batches come on top)";
  }
}

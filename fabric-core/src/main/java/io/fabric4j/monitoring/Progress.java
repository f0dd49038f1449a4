package io.fabric4j.monitoring;

/**
 * How far a rank's training has come, for {@link Throughput#update}.
 *
 * @param seconds time since the start; on a GPU, taken after its work has ended
 * @param batches batches since the start
 * @param samples rows since the start
 * @param lengths items of these rows since the start, such as tokens; null if not counted
 * @param flops floating-point operations of the last batch alone; null if not counted
 */
public record Progress(double seconds, long batches, long samples, Long lengths, Double flops) {

  /**
   * Checks the totals.
   *
   * @throws IllegalArgumentException if there are fewer samples than batches, or fewer items than
   *     samples
   */
  public Progress {
    if (samples < batches) {
      throw new IllegalArgumentException(
          "Expected samples ("
              + samples
              + ") to be greater than or equal to batches ("
              + batches
              + "). Pass totals since the start.");
    }
    if (lengths != null && lengths < samples) {
      throw new IllegalArgumentException(
          "Expected lengths ("
              + lengths
              + ") to be greater than or equal to samples ("
              + samples
              + "). Pass totals since the start.");
    }
  }

  /** Returns the progress without lengths and operations. */
  public static Progress of(double seconds, long batches, long samples) {
    return new Progress(seconds, batches, samples, null, null);
  }

  /** Returns a copy with the items since the start. */
  public Progress withLengths(long lengths) {
    return new Progress(seconds, batches, samples, lengths, flops);
  }

  /** Returns a copy with the floating-point operations of the last batch. */
  public Progress withFlops(double flops) {
    return new Progress(seconds, batches, samples, lengths, flops);
  }
}

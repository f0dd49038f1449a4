package io.fabric4j.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.collectives.DifferentiableCollectives;
import java.util.Arrays;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

/**
 * Normalises with the mean and variance of all ranks' rows. The ranks gather their own mean, sum of
 * squared deviations and count in one collective; the sums combine by the formula of Chan, Golub
 * and LeVeque (1979), which loses no digits when the mean is large.
 *
 * <p>Factors and divisors within the graph are arrays, never Java numbers: the memory that DJL
 * makes for those is gone after the next garbage collection, also if backward still needs it.
 */
final class BatchStatistics implements AutoCloseable {
  private final DifferentiableCollectives collectives;
  private final IntSupplier rowsOfThisRank;
  private final int axis;

  BatchStatistics(DifferentiableCollectives collectives, IntSupplier rowsOfThisRank, int axis) {
    this.collectives = collectives;
    this.rowsOfThisRank = rowsOfThisRank;
    this.axis = axis;
  }

  /** What follows the normalisation. */
  record Affine(NDArray gamma, NDArray beta, float epsilon) {}

  /** Gets the mean and variance (divided by the count) of each channel, outside the graph. */
  interface Listener {
    void batch(NDArray mean, NDArray variance, double count);
  }

  private record Moments(NDArray mean, NDArray variance, double count) {}

  /** Returns the output, owned by the input's manager. */
  NDArray normalize(NDArray input, Affine affine, Listener listener) {
    requireFloating(input);
    try (NDManager scope = input.getManager().newSubManager()) {
      NDManager owner = input.getManager();
      scope.tempAttachAll(input, affine.gamma(), affine.beta());
      Moments moments = combine(input);
      listener.batch(
          moments.mean().stopGradient(), moments.variance().stopGradient(), moments.count());
      Shape shape = channelShape(input.getShape());
      NDArray factor = affine.gamma().div(moments.variance().add(affine.epsilon()).sqrt());
      NDArray output =
          input
              .sub(moments.mean().reshape(shape))
              .mul(factor.reshape(shape))
              .add(affine.beta().reshape(shape));
      output.attach(owner);
      return output;
    }
  }

  /** Returns the mean and variance of all ranks' rows. Collective. */
  private Moments combine(NDArray input) {
    boolean counts = rowsOfThisRank.getAsInt() > 0;
    long channels = input.getShape().get(axis);
    NDArray all = keepGradient(collectives.allGather(local(input, counts)), counts);
    NDArray means = all.get(new NDIndex(":, 0:{}", channels));
    NDArray squares = all.get(new NDIndex(":, {}:{}", channels, 2 * channels));
    NDArray sizes = all.get(new NDIndex(":, {}:", 2 * channels)).stopGradient();
    double count = requireSeveral(sizes);
    NDArray total = sizes.sum();
    NDArray mean = means.mul(sizes).sum(new int[] {0}).div(total);
    NDArray deviations = squares.add(means.sub(mean).square().mul(sizes));
    return new Moments(mean, deviations.sum(new int[] {0}).div(total), count);
  }

  /** Returns mean and sum of squared deviations of each channel, and the number of rows. */
  private NDArray local(NDArray input, boolean counts) {
    int[] axes = IntStream.range(0, input.getShape().dimension()).filter(i -> i != axis).toArray();
    long size = input.size() / input.getShape().get(axis);
    NDArray rows = input.getManager().full(new Shape(1), (float) size, input.getDataType());
    NDArray mean = input.sum(axes, true).div(rows);
    NDArray squares = input.sub(mean).square().sum(axes);
    NDArray local = NDArrays.concat(new NDList(mean.flatten(), squares.flatten(), rows));
    return counts ? local : select(local, local.zerosLike());
  }

  /** Gives a result that does not count a gradient of exactly zero, whatever reaches it. */
  private static NDArray keepGradient(NDArray array, boolean counts) {
    return counts ? array : select(array, array.stopGradient());
  }

  /** Returns the other array, in a graph that sends zeros to the first: also where it has NaN. */
  private static NDArray select(NDArray unused, NDArray other) {
    NDArray never = unused.getManager().zeros(unused.getShape(), DataType.BOOLEAN);
    return NDArrays.where(never, unused, other);
  }

  private Shape channelShape(Shape input) {
    long[] sizes = new long[input.dimension()];
    Arrays.fill(sizes, 1);
    sizes[axis] = input.get(axis);
    return new Shape(sizes);
  }

  private static void requireFloating(NDArray input) {
    DataType type = input.getDataType();
    if (type != DataType.FLOAT32 && type != DataType.FLOAT64) {
      throw new IllegalArgumentException(
          "SyncBatchNorm got an input of " + type + ". Use float32 or float64.");
    }
  }

  private static double requireSeveral(NDArray sizes) {
    double count = sizes.toType(DataType.FLOAT64, true).sum().getDouble();
    if (count < 2) {
      throw new IllegalArgumentException(
          "SyncBatchNorm got "
              + (long) count
              + " values per channel over all ranks. Training needs at least 2: drop the last"
              + " batch or use larger ones.");
    }
    return count;
  }

  void throwBackwardFailure() {
    collectives.throwFailure();
  }

  @Override
  public void close() {
    collectives.close();
  }
}

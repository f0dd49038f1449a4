package io.fabric4j.internal.data;

/**
 * How a data loader goes through its dataset.
 *
 * @param seed of the order; null for the default
 */
public record LoaderSettings(
    int batchSize,
    boolean shuffle,
    boolean dropLast,
    Long seed,
    boolean distributedSampler,
    boolean moveToDevice) {

  public static final LoaderSettings DEFAULT =
      new LoaderSettings(1, false, false, null, true, true);

  public LoaderSettings {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batchSize is " + batchSize + ", but a batch needs at least 1 row.");
    }
  }

  public LoaderSettings withBatchSize(int value) {
    return new LoaderSettings(value, shuffle, dropLast, seed, distributedSampler, moveToDevice);
  }

  public LoaderSettings withShuffle(boolean value) {
    return new LoaderSettings(batchSize, value, dropLast, seed, distributedSampler, moveToDevice);
  }

  public LoaderSettings withDropLast(boolean value) {
    return new LoaderSettings(batchSize, shuffle, value, seed, distributedSampler, moveToDevice);
  }

  public LoaderSettings withSeed(long value) {
    return new LoaderSettings(
        batchSize, shuffle, dropLast, value, distributedSampler, moveToDevice);
  }

  public LoaderSettings withDistributedSampler(boolean value) {
    return new LoaderSettings(batchSize, shuffle, dropLast, seed, value, moveToDevice);
  }

  public LoaderSettings withMoveToDevice(boolean value) {
    return new LoaderSettings(batchSize, shuffle, dropLast, seed, distributedSampler, value);
  }
}

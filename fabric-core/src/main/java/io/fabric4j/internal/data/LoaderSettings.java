package io.fabric4j.internal.data;

import ai.djl.training.dataset.Sampler;

/**
 * How a data loader goes through its dataset.
 *
 * @param seed of the order; null for the default
 * @param sampler of the order; null for the dataset's or a random one
 */
public record LoaderSettings(
    int batchSize,
    boolean shuffle,
    boolean dropLast,
    Long seed,
    Sampler sampler,
    boolean distributedSampler,
    boolean moveToDevice) {

  public static final LoaderSettings DEFAULT =
      new LoaderSettings(1, false, false, null, null, true, true);

  public LoaderSettings {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batchSize is " + batchSize + ", but a batch needs at least 1 row.");
    }
    if (shuffle && sampler != null) {
      throw new IllegalArgumentException(
          "The data loader has shuffle(true) and a sampler, but either sets the order of the rows."
              + " Leave one out.");
    }
  }

  public LoaderSettings withBatchSize(int value) {
    return new LoaderSettings(
        value, shuffle, dropLast, seed, sampler, distributedSampler, moveToDevice);
  }

  public LoaderSettings withShuffle(boolean value) {
    return new LoaderSettings(
        batchSize, value, dropLast, seed, sampler, distributedSampler, moveToDevice);
  }

  public LoaderSettings withDropLast(boolean value) {
    return new LoaderSettings(
        batchSize, shuffle, value, seed, sampler, distributedSampler, moveToDevice);
  }

  public LoaderSettings withSeed(long value) {
    return new LoaderSettings(
        batchSize, shuffle, dropLast, value, sampler, distributedSampler, moveToDevice);
  }

  public LoaderSettings withSampler(Sampler value) {
    return new LoaderSettings(
        batchSize, shuffle, dropLast, seed, value, distributedSampler, moveToDevice);
  }

  public LoaderSettings withDistributedSampler(boolean value) {
    return new LoaderSettings(batchSize, shuffle, dropLast, seed, sampler, value, moveToDevice);
  }

  public LoaderSettings withMoveToDevice(boolean value) {
    return new LoaderSettings(
        batchSize, shuffle, dropLast, seed, sampler, distributedSampler, value);
  }
}

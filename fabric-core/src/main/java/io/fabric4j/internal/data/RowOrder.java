package io.fabric4j.internal.data;

import ai.djl.training.dataset.Sampler;

/**
 * In which order a data loader visits rows, and whose.
 *
 * @param shuffle whether each epoch has a random order
 * @param seed of the random order; null for the default
 * @param sampler of the order; null for the dataset's or a random one
 * @param distributed whether each rank gets its part of the rows
 * @param reshuffle whether ranks exchange the rows of their shards before each epoch
 */
public record RowOrder(
    boolean shuffle, Long seed, Sampler sampler, boolean distributed, boolean reshuffle) {

  public static final RowOrder DEFAULT = new RowOrder(false, null, null, true, false);

  public RowOrder {
    if (shuffle && sampler != null) {
      throw new IllegalArgumentException(
          "The data loader has shuffle(true) and a sampler, but either sets the order of the rows."
              + " Leave one out.");
    }
    if (reshuffle && sampler != null) {
      throw new IllegalArgumentException(
          "The data loader has reshuffleEachEpoch(true) and a sampler, but either sets the order of"
              + " the rows. Leave one out.");
    }
  }

  public RowOrder withShuffle(boolean value) {
    return new RowOrder(value, seed, sampler, distributed, reshuffle);
  }

  public RowOrder withSeed(long value) {
    return new RowOrder(shuffle, value, sampler, distributed, reshuffle);
  }

  public RowOrder withSampler(Sampler value) {
    return new RowOrder(shuffle, seed, value, distributed, reshuffle);
  }

  public RowOrder withDistributed(boolean value) {
    return new RowOrder(shuffle, seed, sampler, value, reshuffle);
  }

  public RowOrder withReshuffle(boolean value) {
    return new RowOrder(shuffle, seed, sampler, distributed, value);
  }
}

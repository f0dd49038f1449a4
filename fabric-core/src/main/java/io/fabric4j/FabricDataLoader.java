package io.fabric4j;

import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.internal.data.LoaderSettings;
import java.util.Iterator;
import java.util.Objects;

/**
 * Batches of a DJL dataset, in an order that {@link Fabric#setupDataloaders} may distribute over
 * the ranks. Settings return a new loader:
 *
 * <pre>{@code
 * FabricDataLoader train =
 *     fabric.setupDataloaders(FabricDataLoader.of(dataset).batchSize(64).shuffle(true));
 * for (FabricBatch batch : train) {
 *   ...
 * }
 * }</pre>
 *
 * <p>Each iteration is one epoch: the k-th, from 0, shuffles with {@code seed + k}. A batch and
 * everything computed from it is closed when the next one is asked for; {@code duplicate()} and
 * {@code attach} what has to live longer. A loader serves one loop at a time.
 */
public final class FabricDataLoader implements Iterable<FabricBatch> {
  private final RandomAccessDataset dataset;
  private final LoaderSettings settings;
  private final RankLoader rankLoader;
  private long nextEpoch;

  FabricDataLoader(RandomAccessDataset dataset, LoaderSettings settings, RankLoader rankLoader) {
    this.dataset = dataset;
    this.settings = settings;
    this.rankLoader = rankLoader;
  }

  /** Returns a loader of batches of one row, in the dataset's order. */
  public static FabricDataLoader of(RandomAccessDataset dataset) {
    Objects.requireNonNull(dataset, "dataset is null");
    return new FabricDataLoader(dataset, LoaderSettings.DEFAULT, null);
  }

  /**
   * Sets the rows per batch and rank.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public FabricDataLoader batchSize(int batchSize) {
    return with(settings.withBatchSize(batchSize));
  }

  /** Chooses a new random order in each epoch. */
  public FabricDataLoader shuffle(boolean shuffle) {
    return with(settings.withShuffle(shuffle));
  }

  /** Leaves out the rows at the end of an epoch that do not fill a batch. */
  public FabricDataLoader dropLast(boolean dropLast) {
    return with(settings.withDropLast(dropLast));
  }

  /** Sets the seed of the order; otherwise it is {@link Fabric#seedEverything}'s, or 0. */
  public FabricDataLoader seed(long seed) {
    return with(settings.withSeed(seed));
  }

  /**
   * Chooses whether setup gives each rank its part of the rows, in the order of torch's
   * DistributedSampler (true by default). Without it every rank iterates its own whole dataset.
   */
  public FabricDataLoader useDistributedSampler(boolean use) {
    return with(settings.withDistributedSampler(use));
  }

  /** Chooses whether setup moves batches to the rank's device (true by default). */
  public FabricDataLoader moveToDevice(boolean move) {
    return with(settings.withMoveToDevice(move));
  }

  private FabricDataLoader with(LoaderSettings changed) {
    if (isSetUp()) {
      throw new IllegalStateException(
          "This data loader has been set up already. Change its settings before"
              + " fabric.setupDataloaders.");
    }
    return new FabricDataLoader(dataset, changed, null);
  }

  /** Returns the number of batches per epoch, which is the same on every rank. */
  public long length() {
    return loader().plan().steps();
  }

  /** Makes the next iteration the given epoch; later ones count on from it. */
  public void setEpoch(long epoch) {
    nextEpoch = epoch;
  }

  /**
   * Starts the next epoch.
   *
   * @throws IllegalStateException if the loader has not been set up
   */
  @Override
  public Iterator<FabricBatch> iterator() {
    return loader().iterate(nextEpoch++);
  }

  private RankLoader loader() {
    if (!isSetUp()) {
      throw new IllegalStateException(
          "This data loader has not been set up. Iterate over what"
              + " fabric.setupDataloaders(loader) returns.");
    }
    return rankLoader;
  }

  boolean isSetUp() {
    return rankLoader != null;
  }

  RandomAccessDataset dataset() {
    return dataset;
  }

  LoaderSettings settings() {
    return settings;
  }
}

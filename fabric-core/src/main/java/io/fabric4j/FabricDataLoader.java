package io.fabric4j;

import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.internal.data.EpochPlan;
import io.fabric4j.internal.data.LoaderSettings;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * <p>In a checkpoint it keeps its epoch and its position, so that a loop which starts from {@link
 * #epoch} goes on after the batch that was handed out last:
 *
 * <pre>{@code
 * for (long epoch = train.epoch(); epoch < epochs; epoch++) {
 *   for (FabricBatch batch : train) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>Each iteration is one epoch: the k-th, from 0, shuffles with {@code seed + k}. A batch and
 * everything computed from it is closed when the next one is asked for; {@code duplicate()} and
 * {@code attach} what has to live longer. A loader serves one loop at a time.
 */
public final class FabricDataLoader implements Iterable<FabricBatch>, Stateful {
  private static final Logger LOG = LoggerFactory.getLogger(FabricDataLoader.class);
  private final RandomAccessDataset dataset;
  private final LoaderSettings settings;
  private final RankLoader rankLoader;
  private BatchIterator running;
  private long nextEpoch;
  private long nextStep;

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
    nextStep = 0;
    running = null;
  }

  /** Returns the running epoch, or the one that the next iteration makes. */
  public long epoch() {
    return isRunning() ? running.epoch() : nextEpoch;
  }

  private boolean isRunning() {
    return running != null && running.isRunning();
  }

  /**
   * Starts the next epoch.
   *
   * @throws IllegalStateException if the loader has not been set up
   */
  @Override
  public Iterator<FabricBatch> iterator() {
    running = loader().iterate(nextEpoch++, nextStep);
    nextStep = 0;
    return running;
  }

  /**
   * Returns the epoch and the number of its batches that were handed out. An epoch that was left
   * early counts as running until the next one starts.
   *
   * @throws IllegalStateException if the loader has not been set up
   */
  @Override
  public Map<String, Object> stateDict() {
    EpochPlan plan = loader().plan();
    return Map.of(
        "epoch",
        epoch(),
        "batch",
        isRunning() ? running.step() : nextStep,
        "batch_size",
        plan.batchSize(),
        "world_size",
        plan.rows().size());
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    loader();
    for (String name : List.of("epoch", "batch", "batch_size", "world_size")) {
      if (!(state.get(name) instanceof Number number) || number.longValue() < 0) {
        throw new IllegalArgumentException(
            "The checkpoint does not fit: the data loader's "
                + name
                + " is "
                + state.get(name)
                + ", but has to be a number from 0. Load the state of a data loader.");
      }
    }
  }

  /**
   * Makes the next iteration continue the saved epoch after the saved batch, with exactly the rows
   * that would have followed. With another world size or batch size it starts after the full steps
   * that fit into the rows already consumed, which may repeat rows of one step, and warns.
   */
  @Override
  public void loadStateDict(Map<String, Object> state) {
    checkStateDict(state);
    EpochPlan plan = loader().plan();
    long saved = number(state, "batch_size") * number(state, "world_size");
    long now = (long) plan.batchSize() * plan.rows().size();
    setEpoch(number(state, "epoch"));
    nextStep = number(state, "batch");
    if (number(state, "batch_size") != plan.batchSize()
        || number(state, "world_size") != plan.rows().size()) {
      long rows = nextStep * saved;
      nextStep = rows / now;
      LOG.warn(
          "The data loader's position was saved with {} and is loaded with batch size {} on {}"
              + " ranks: epoch {} goes on after {} of the {} rows consumed, so the resumed run is"
              + " not exact.",
          state,
          plan.batchSize(),
          plan.rows().size(),
          nextEpoch,
          nextStep * now,
          rows);
    }
    nextStep = Math.min(nextStep, plan.steps());
  }

  private static long number(Map<String, Object> state, String name) {
    return ((Number) state.get(name)).longValue();
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

package io.fabric4j;

import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import io.fabric4j.internal.data.EpochPlan;
import io.fabric4j.internal.data.LoaderSettings;
import io.fabric4j.internal.data.LoaderState;
import java.util.Iterator;
import java.util.Map;
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

  /**
   * Chooses a new random order in each epoch.
   *
   * @throws IllegalArgumentException if the loader has a sampler
   */
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
   * Takes the rows of each epoch from a DJL sampler, in its order; how it groups them into batches
   * is ignored. With several ranks, rank 0 draws the rows for all at setup and whenever a further
   * epoch starts, which all ranks must do together. They are shared out as torch's
   * DistributedSampler shares a list: rank r gets the entries r, r + worldSize and so on, and the
   * end is filled up with the head. (Lightning draws on each rank; there shards overlap when the
   * ranks' generators differ.) Without a distributed sampler, and from a {@link
   * io.fabric4j.distributed.ShardedDataset}, each rank draws for itself.
   *
   * <p>A checkpoint keeps the drawn rows, so that the running epoch continues exactly. Later epochs
   * are drawn anew, in whatever state the sampler is.
   *
   * @throws IllegalArgumentException if the loader shuffles
   */
  public FabricDataLoader sampler(Sampler sampler) {
    return with(settings.withSampler(Objects.requireNonNull(sampler, "sampler is null")));
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

  /**
   * Returns the number of batches per epoch, which is the same on every rank. With a sampler, it is
   * that of the last epoch drawn.
   */
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
   * Starts the next epoch. With a {@link #sampler} and several ranks, all must call it.
   *
   * @throws IllegalStateException if the loader has not been set up
   * @throws IllegalArgumentException if the sampler chooses a row that the dataset lacks
   * @throws FabricException if the sampler fails on another rank
   */
  @Override
  public Iterator<FabricBatch> iterator() {
    running = loader().iterate(nextEpoch++, nextStep);
    nextStep = 0;
    return running;
  }

  /**
   * Returns the epoch, the number of its batches that were handed out, the seed of the order and
   * the rows that a sampler has drawn. An epoch that was left early counts as running until the
   * next one starts. Arrays are valid until the next call.
   *
   * @throws IllegalStateException if the loader has not been set up
   */
  @Override
  public Map<String, Object> stateDict() {
    EpochPlan plan = loader().plan();
    return new LoaderState(
            epoch(),
            isRunning() ? running.step() : nextStep,
            plan.batchSize(),
            plan.rows().size(),
            rankLoader.seed(),
            rankLoader.sampledRows(isRunning()))
        .toMap(rankLoader.stateManager());
  }

  @Override
  public void checkStateDict(Map<String, Object> state) {
    loader().check(LoaderState.of(state));
  }

  /**
   * Makes the next iteration continue the saved epoch after the saved batch, in the saved order,
   * with exactly the rows that would have followed. With another world size or batch size it starts
   * after the full steps that fit into the rows already consumed, which may repeat rows of one
   * step, and warns. All ranks must call it.
   */
  @Override
  public void loadStateDict(Map<String, Object> state) {
    LoaderState saved = LoaderState.of(state);
    loader().check(saved);
    rankLoader.restore(saved);
    EpochPlan plan = rankLoader.plan();
    setEpoch(saved.epoch());
    nextStep = Math.min(plan.steps(), saved.stepsFor(plan.batchSize(), plan.rows().size()));
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

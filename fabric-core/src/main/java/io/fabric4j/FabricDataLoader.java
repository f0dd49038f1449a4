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
 * {@code attach} what has to live longer. A loader serves one loop at a time; an exception of the
 * dataset ends it at the batch that could not be prepared.
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
    return with(settings.withOrder(settings.order().withShuffle(shuffle)));
  }

  /**
   * Chooses whether ranks shuffle the rows of their {@linkplain
   * io.fabric4j.distributed.ShardedDataset shards} together before each epoch, so that each epoch
   * has other global batches, made of rows of all shards; false by default, where rows stay on
   * their rank and {@link #shuffle} orders them anew. Epoch and seed determine the order, which is
   * that of torch's DistributedSampler over all shards, one after the other. All ranks must start
   * epochs together; the exchange happens then, each rank receives about as many bytes as all
   * shards have together, and needs room for its share beside its own shard.
   *
   * @throws IllegalArgumentException if the loader has a sampler
   */
  public FabricDataLoader reshuffleEachEpoch(boolean reshuffle) {
    return with(settings.withOrder(settings.order().withReshuffle(reshuffle)));
  }

  /**
   * Chooses whether a {@linkplain io.fabric4j.distributed.ShardedDataset shard} with fewer rows
   * than the longest repeats its own from the first on until it has as many, as torch's
   * DistributedSampler fills up its list. So all batches weigh the same, and some rows are visited
   * more often than others. False by default: then ranks that run out of rows get fillers, and each
   * row is visited once. A shard without rows gets fillers in both cases. Datasets that are
   * distributed here are always filled up.
   */
  public FabricDataLoader padding(boolean padding) {
    return with(settings.withPadding(padding));
  }

  /**
   * Leaves out the rows at the end of an epoch that do not fill a batch on every rank: where shards
   * differ in length, the shortest one decides, after {@link #padding}.
   */
  public FabricDataLoader dropLast(boolean dropLast) {
    return with(settings.withDropLast(dropLast));
  }

  /** Sets the seed of the order; otherwise it is {@link Fabric#seedEverything}'s, or 0. */
  public FabricDataLoader seed(long seed) {
    return with(settings.withOrder(settings.order().withSeed(seed)));
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
    Objects.requireNonNull(sampler, "sampler is null");
    return with(settings.withOrder(settings.order().withSampler(sampler)));
  }

  /**
   * Chooses whether setup gives each rank its part of the rows, in the order of torch's
   * DistributedSampler (true by default). Without it every rank iterates its own whole dataset.
   */
  public FabricDataLoader useDistributedSampler(boolean use) {
    return with(settings.withOrder(settings.order().withDistributed(use)));
  }

  /**
   * Chooses whether batches come on the rank's device (true by default). Otherwise they stay in CPU
   * memory, where all are made, and so does what their {@link FabricBatch#getManager} creates.
   */
  public FabricDataLoader moveToDevice(boolean move) {
    return with(settings.withMoveToDevice(move));
  }

  /**
   * Sets how many batches a background thread prepares ahead of the loop; by default 2 on a GPU and
   * for shards that lie in a file, else 0. With 0 the loop's own thread prepares each batch when it
   * asks for it. For a GPU the thread puts batches into page-locked memory, from where they are
   * copied when the loop asks for them; the loop goes on meanwhile. So many batches, and one more,
   * are in memory at a time.
   *
   * <p>Batches, their order and checkpoints are the same with any number. Each running epoch has a
   * thread, and while it runs only that thread reads the dataset: a dataset that several loops or
   * the loop's own code read at the same time has to be thread-safe. Random numbers that it draws
   * are drawn ahead of the loop, in the same order; from a generator that the loop draws from too,
   * or that a checkpoint keeps, such as libtorch's, bit-equal repeats and resumes need 0.
   *
   * @throws IllegalArgumentException if it is negative
   */
  public FabricDataLoader prefetch(int batches) {
    return with(settings.withPrefetch(batches));
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

  /** Ends an epoch that was left early. */
  void leave() {
    if (isRunning()) {
      running.close();
    }
  }

  private boolean isRunning() {
    return running != null && running.isRunning();
  }

  /**
   * Returns which share of its time the running or the last epoch's loop has waited in the loader,
   * from 0 (the dataset keeps up) to 1 (the loop only waits). Time counts from the start of the
   * epoch to the loop's last call; 0 before the first epoch. It is the host's time: a loop that
   * never reads from a GPU runs ahead of it and seems to wait for data. If it is high, {@link
   * #prefetch} more or make the dataset faster.
   *
   * @throws IllegalStateException if the loader has not been set up
   */
  public double waitShare() {
    return loader().waitShare();
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

  /** Returns how many batches are prepared ahead of the loop. */
  int prefetch() {
    return loader().prefetch();
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

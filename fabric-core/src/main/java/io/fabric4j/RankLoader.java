package io.fabric4j;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.distributed.DistributedSampler;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ShardedDataset;
import io.fabric4j.internal.data.BatchSpec;
import io.fabric4j.internal.data.EpochPlan;
import io.fabric4j.internal.data.IndexBatches;
import io.fabric4j.internal.data.LoaderSettings;
import io.fabric4j.internal.data.LoaderState;
import io.fabric4j.internal.data.RowOrder;
import io.fabric4j.internal.data.SampledRows;
import io.fabric4j.internal.torch.TorchThread;
import java.io.Serializable;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One rank's view of a dataset: its rows in order, and how many steps all ranks take. */
final class RankLoader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RankLoader.class);
  private final RandomAccessDataset dataset;
  private final LoaderSettings settings;
  private final RowOrder order;
  private final BatchReader reader;
  private final BatchTracker tracker;
  private final NDManager hostManager;
  private final ProcessGroup group;
  private final boolean distribute;
  private final SampledRows sampled;
  private final BatchSpec spec;
  private long seed;
  private EpochPlan plan;
  private BatchIterator running;
  private RandomAccessDataset reshuffled;
  private NDManager stateManager;

  /** What ranks tell each other about their dataset. */
  private record Rows(long dataset, long available, int batchSize, boolean sharded)
      implements Serializable {}

  /**
   * Agrees with the other ranks on the epoch. Collective.
   *
   * @param thread settings of the rank's thread
   */
  RankLoader(
      RandomAccessDataset dataset,
      LoaderSettings settings,
      long defaultSeed,
      RankContext context,
      TorchThread thread) {
    this.dataset = dataset;
    this.settings = settings;
    order = settings.order();
    tracker = context.tracker();
    hostManager = context.hostManager();
    group = context.group();
    reader = new BatchReader(dataset, settings, context.manager(), hostManager, thread);
    distribute = order.distributed() && !(dataset instanceof ShardedDataset);
    seed = agreed(order.seed() == null ? defaultSeed : order.seed());
    sampled = order.sampler() == null ? null : sample();
    List<Rows> all =
        group.allGatherObject(
            new Rows(dataset.size(), available(), settings.batchSize(), !distribute));
    checkAgreement(all);
    List<Long> available = all.stream().map(Rows::available).toList();
    plan = plan(order.reshuffle() ? dealtOut(available) : available);
    boolean someEmpty =
        all.stream().anyMatch(r -> r.dataset() == 0) || plan.rows().stream().anyMatch(r -> r == 0);
    boolean allEmpty = all.stream().allMatch(r -> r.dataset() == 0);
    spec = someEmpty && !allEmpty ? exchangeSpecs() : null;
  }

  /** Ranks that exchange rows have to draw the same order. */
  private long agreed(long own) {
    if (!order.reshuffle()) {
      return own;
    }
    if (!(dataset instanceof ShardedDataset)) {
      throw new IllegalArgumentException(
          "reshuffleEachEpoch is for shards, but "
              + dataset.getClass().getName()
              + " is not a ShardedDataset. shuffle(true) distributes its rows anew in each epoch.");
    }
    return group.broadcastObject(own, 0);
  }

  /** Returns how many of all rows each rank gets if they are dealt out in turns. */
  private static List<Long> dealtOut(List<Long> rows) {
    long total = rows.stream().mapToLong(Long::longValue).sum();
    int ranks = rows.size();
    return IntStream.range(0, ranks).mapToObj(r -> (total - r + ranks - 1) / ranks).toList();
  }

  private SampledRows sample() {
    SampledRows rows = new SampledRows(dataset, order.sampler(), group, distribute);
    rows.draw();
    return rows;
  }

  private EpochPlan plan(List<Long> available) {
    return EpochPlan.of(group.rank(), available, settings);
  }

  /** Returns how many rows an epoch of this rank has at hand. */
  private long available() {
    return sampled == null ? sampler().length() : sampled.rows().length;
  }

  private DistributedSampler sampler() {
    DistributedSampler.Builder builder = DistributedSampler.builder(dataset.size()).seed(seed);
    if (distribute) {
      builder.replicas(group.size()).rank(group.rank());
    }
    return order.shuffle() ? builder.build() : builder.sequential().build();
  }

  private static void checkAgreement(List<Rows> all) {
    Rows first = all.get(0);
    for (int rank = 1; rank < all.size(); rank++) {
      Rows other = all.get(rank);
      boolean sameRows = first.sharded() || first.dataset() == other.dataset();
      if (!sameRows
          || first.batchSize() != other.batchSize()
          || first.sharded() != other.sharded()) {
        throw new IllegalStateException(
            "Ranks set up different data loaders: rank 0 has "
                + first
                + " and rank "
                + rank
                + " has "
                + other
                + ". Give every rank the same dataset and batch size, or a shard of its own.");
      }
    }
  }

  /** Tells ranks without rows what a batch looks like. */
  private BatchSpec exchangeSpecs() {
    BatchSpec own = dataset.size() > 0 ? reader.spec() : null;
    return group.allGatherObject(own).stream().filter(Objects::nonNull).findFirst().orElseThrow();
  }

  /** Returns the plan of the running epoch or, if none runs, of the next as far as it is known. */
  EpochPlan plan() {
    return plan;
  }

  long seed() {
    return seed;
  }

  /** Returns the lists of a sampler that the running or the next epoch uses. Collective. */
  List<long[]> sampledRows(boolean isRunning) {
    return sampled == null || (sampled.isUsed() && !isRunning) ? List.of() : sampled.lists();
  }

  /** Returns an owner of the arrays of a state, which live until the next call. */
  NDManager stateManager() {
    if (stateManager != null) {
      stateManager.close();
    }
    stateManager = hostManager.newSubManager();
    return stateManager;
  }

  /** Checks whether a state can be restored, and changes nothing. */
  void check(LoaderState saved) {
    if (sampled != null && saved.rows().isEmpty() && saved.batch() > 0) {
      throw misfit("without the rows of a sampler and has a sampler here");
    }
    if (sampled == null && !saved.rows().isEmpty()) {
      throw misfit("with a sampler and has none here");
    }
    if (sampled != null) {
      sampled.check(saved.rows());
    }
  }

  private static IllegalArgumentException misfit(String how) {
    return new IllegalArgumentException(
        "The checkpoint does not fit: the data loader was saved " + how + ". Set it up as it was.");
  }

  /** Takes over the saved order of rows. Collective if the loader has a sampler. */
  void restore(LoaderState saved) {
    seed = distribute || order.reshuffle() ? saved.seed() : seed;
    if (sampled == null || saved.rows().isEmpty()) {
      return;
    }
    if (sampled.restore(saved.rows())) {
      plan = plan(group.allGatherObject(available()));
    } else {
      LOG.warn(
          "The data loader's rows were drawn by {} ranks, but {} here: epoch {} goes on with rows"
              + " drawn anew, so the resumed run is not exact.",
          saved.rows().size(),
          sampled.drawers(),
          saved.epoch());
    }
  }

  /** Starts an epoch at a step, as if the batches before it had been handed out. */
  BatchIterator iterate(long epoch, long step) {
    close();
    long[] available = rows(epoch);
    long[] rows = plan.fill(available);
    IndexBatches batches = new IndexBatches(rows, settings.batchSize(), plan, step);
    BatchReader source = reshuffled == null ? reader : reader.of(reshuffled);
    running = new BatchIterator(source, batches, spec, tracker, epoch);
    return running;
  }

  private long[] rows(long epoch) {
    if (order.reshuffle()) {
      reshuffled = ((ShardedDataset) dataset).reshuffle(group, seed, epoch);
      return LongStream.range(0, reshuffled.size()).toArray();
    }
    if (sampled == null) {
      return sampler().indices(epoch);
    }
    if (sampled.isUsed()) {
      sampled.draw();
      plan = plan(group.allGatherObject(available()));
    }
    return sampled.take();
  }

  /** Returns how many batches are prepared ahead of the loop. */
  int prefetch() {
    return reader.prefetch();
  }

  /** Returns which share of its time the running or last epoch's loop has waited. */
  double waitShare() {
    return running == null ? 0 : running.waitShare();
  }

  @Override
  public void close() {
    if (running != null) {
      running.close();
    }
    if (reshuffled instanceof AutoCloseable rows) {
      closeRows(rows);
    }
    reshuffled = null;
  }

  private static void closeRows(AutoCloseable rows) {
    try {
      rows.close();
    } catch (Exception e) {
      throw new FabricException("Cannot free the rows of an epoch: " + e, e);
    }
  }

  @Override
  public String toString() {
    return "the data loader of " + dataset;
  }
}

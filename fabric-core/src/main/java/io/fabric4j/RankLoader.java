package io.fabric4j;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import io.fabric4j.distributed.DistributedSampler;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ShardedDataset;
import io.fabric4j.internal.data.BatchSpec;
import io.fabric4j.internal.data.EpochPlan;
import io.fabric4j.internal.data.IndexBatches;
import io.fabric4j.internal.data.LoaderSettings;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;

/** One rank's view of a dataset: its rows in order, and how many steps all ranks take. */
final class RankLoader {
  private final RandomAccessDataset dataset;
  private final LoaderSettings settings;
  private final BatchTracker tracker;
  private final NDManager manager;
  private final DistributedSampler sampler;
  private final EpochPlan plan;
  private final BatchSpec spec;
  private BatchIterator running;

  /** What ranks tell each other about their dataset. */
  private record Rows(long dataset, long epoch, int batchSize, boolean sharded)
      implements Serializable {}

  /** Agrees with the other ranks on the epoch. Collective. */
  RankLoader(
      RandomAccessDataset dataset,
      LoaderSettings settings,
      long defaultSeed,
      ProcessGroup group,
      BatchTracker tracker,
      NDManager manager) {
    this.dataset = dataset;
    this.settings = settings;
    this.tracker = tracker;
    this.manager = manager;
    boolean distribute = settings.distributedSampler() && !(dataset instanceof ShardedDataset);
    sampler = sampler(distribute, defaultSeed, group);
    long rows = sampler.length();
    if (settings.dropLast()) {
      rows -= rows % settings.batchSize();
    }
    List<Rows> all =
        group.allGatherObject(new Rows(dataset.size(), rows, settings.batchSize(), !distribute));
    checkAgreement(all);
    plan =
        new EpochPlan(group.rank(), all.stream().map(Rows::epoch).toList(), settings.batchSize());
    boolean someEmpty = all.stream().anyMatch(r -> r.dataset() == 0) && plan.steps() > 0;
    spec = someEmpty ? exchangeSpecs(group) : null;
  }

  private DistributedSampler sampler(boolean distribute, long defaultSeed, ProcessGroup group) {
    DistributedSampler.Builder builder =
        DistributedSampler.builder(dataset.size())
            .seed(settings.seed() == null ? defaultSeed : settings.seed());
    if (distribute) {
      builder.replicas(group.size()).rank(group.rank());
    }
    return settings.shuffle() ? builder.build() : builder.sequential().build();
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
  private BatchSpec exchangeSpecs(ProcessGroup group) {
    BatchSpec own = null;
    if (dataset.size() > 0) {
      try (NDManager scratch = manager.newSubManager()) {
        own = BatchSpec.of(rawBatches(scratch, List.of(List.of(0L))).next());
      }
    }
    return group.allGatherObject(own).stream().filter(Objects::nonNull).findFirst().orElseThrow();
  }

  EpochPlan plan() {
    return plan;
  }

  /** Starts an epoch at a step, as if the batches before it had been handed out. */
  BatchIterator iterate(long epoch, long step) {
    if (running != null) {
      running.close();
    }
    NDManager epochManager = manager.newSubManager();
    IndexBatches batches =
        new IndexBatches(sampler.indices(epoch), settings.batchSize(), plan, step);
    Iterator<Batch> source = dataset.size() == 0 ? null : rawBatches(epochManager, batches);
    running = new BatchIterator(this, source, epochManager, tracker, epoch, step);
    return running;
  }

  private Iterator<Batch> rawBatches(NDManager owner, Iterable<List<Long>> indices) {
    Sampler djlSampler =
        new Sampler() {
          @Override
          public Iterator<List<Long>> sample(RandomAccessDataset ignored) {
            return indices.iterator();
          }

          @Override
          public int getBatchSize() {
            return settings.batchSize();
          }
        };
    try {
      return dataset.getData(owner, djlSampler).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the dataset: " + e.getMessage(), e);
    } catch (TranslateException e) {
      throw new FabricException("Cannot prepare the dataset: " + e.getMessage(), e);
    }
  }

  /** Returns a filler of zeros. */
  FabricBatch zeros(NDManager owner, long step) {
    NDManager batchManager = owner.newSubManager();
    return new FabricBatch(
        batchManager,
        BatchSpec.zeros(batchManager, spec.data(), plan.fillerRows()),
        BatchSpec.zeros(batchManager, spec.labels(), plan.fillerRows()),
        plan.share(step));
  }

  FabricBatch wrap(Batch batch, long step) {
    NDList inputs = batch.getData();
    NDList targets = batch.getLabels();
    if (settings.moveToDevice()) {
      inputs = inputs.toDevice(manager.getDevice(), false);
      targets = targets.toDevice(manager.getDevice(), false);
    }
    return new FabricBatch(batch.getManager(), inputs, targets, plan.share(step));
  }
}

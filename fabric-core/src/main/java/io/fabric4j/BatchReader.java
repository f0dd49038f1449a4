package io.fabric4j;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.Batchifier;
import ai.djl.translate.TranslateException;
import io.fabric4j.distributed.ShardedDataset;
import io.fabric4j.internal.data.ArrayRows;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.data.BatchSource;
import io.fabric4j.internal.data.BatchSpec;
import io.fabric4j.internal.data.IndexBatches;
import io.fabric4j.internal.data.LoaderSettings;
import io.fabric4j.internal.data.LoopBatches;
import io.fabric4j.internal.data.PrefetchedBatches;
import io.fabric4j.internal.torch.PinnedMemory;
import io.fabric4j.internal.torch.TorchThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;

/**
 * How batches come from a rank's dataset to its device: made in CPU memory, ahead of the loop if it
 * prefetches, and copied when the loop asks for them.
 */
final class BatchReader {
  private static final int PREFETCH = 2;

  private final RandomAccessDataset dataset;
  private final LoaderSettings settings;
  private final NDManager manager;
  private final NDManager hostManager;
  private final TorchThread thread;

  BatchReader(
      RandomAccessDataset dataset,
      LoaderSettings settings,
      NDManager manager,
      NDManager hostManager,
      TorchThread thread) {
    this.dataset = dataset;
    this.settings = settings;
    this.manager = manager;
    this.hostManager = hostManager;
    this.thread = thread;
  }

  /** Returns a reader of another dataset into the same places. */
  BatchReader of(RandomAccessDataset other) {
    return new BatchReader(other, settings, manager, hostManager, thread);
  }

  /** Describes a batch of this rank. */
  BatchSpec spec() {
    try (NDManager scratch = hostManager.newSubManager()) {
      return BatchSpec.of(read(scratch, List.of(List.of(0L))).next());
    }
  }

  /** Returns how many batches are prepared ahead of the loop. */
  int prefetch() {
    if (settings.prefetch() != null) {
      return settings.prefetch();
    }
    boolean isOnDisk = dataset instanceof ShardedDataset shard && shard.isOnDisk();
    return isOnDisk || manager.getDevice().isGpu() ? PREFETCH : 0;
  }

  private boolean copies() {
    return settings.moveToDevice() && manager.getDevice().isGpu();
  }

  /** Returns an owner of an epoch's arrays on the device. */
  NDManager newEpochManager() {
    return manager.newSubManager();
  }

  /**
   * Returns the batches of an epoch in CPU memory.
   *
   * @param spec what batches look like, if some rank has no rows
   */
  BatchSource open(IndexBatches rows, BatchSpec spec) {
    int ahead = dataset.size() == 0 ? 0 : prefetch();
    // A thread may outlive the rank's managers: it needs one that only it and the loop close.
    NDManager owner =
        ahead == 0
            ? hostManager.newSubManager()
            : NDManager.newBaseManager(Device.cpu(), hostManager.getEngine().getEngineName());
    try {
      BatchSource source = new LoopBatches(reader(owner, rows, spec), owner);
      long count = rows.plan().steps() - rows.first();
      return ahead == 0 ? source : PrefetchedBatches.start(source, count, ahead, thread);
    } catch (RuntimeException | Error e) {
      owner.close();
      throw e;
    }
  }

  private Supplier<Batch> reader(NDManager owner, IndexBatches rows, BatchSpec spec) {
    if (dataset.size() == 0) {
      return () -> zeros(owner.newSubManager(), spec, rows.plan().fillerRows());
    }
    Iterator<Batch> batches = read(owner, rows);
    return copies() && prefetch() > 0 ? () -> pinned(batches.next()) : batches::next;
  }

  private static Batch pinned(Batch batch) {
    PinnedMemory.pin(batch.getData());
    PinnedMemory.pin(batch.getLabels());
    return batch;
  }

  private static Batch zeros(NDManager manager, BatchSpec spec, int rows) {
    return new Batch(
        manager,
        BatchSpec.zeros(manager, spec.data(), rows),
        BatchSpec.zeros(manager, spec.labels(), rows),
        0,
        Batchifier.STACK,
        Batchifier.STACK,
        0,
        0);
  }

  private Iterator<Batch> read(NDManager owner, Iterable<List<Long>> indices) {
    return ArrayRows.of(dataset, owner)
        .map(rows -> rows.batches(indices))
        .orElseGet(() -> readOther(owner, indices));
  }

  private Iterator<Batch> readOther(NDManager owner, Iterable<List<Long>> indices) {
    Sampler sampler =
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
      return dataset.getData(owner, sampler).iterator();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the dataset: " + e.getMessage(), e);
    } catch (TranslateException e) {
      throw new FabricException("Cannot prepare the dataset: " + e.getMessage(), e);
    }
  }

  /** Returns what the loop gets: on the device, if the loader moves batches there. */
  FabricBatch deliver(Batch batch, BatchShare share, NDManager owner) {
    if (!copies()) {
      return new FabricBatch(batch.getManager(), batch.getData(), batch.getLabels(), share, null);
    }
    NDManager copies = owner.newSubManager();
    return new FabricBatch(
        copies,
        PinnedMemory.copy(batch.getData(), copies),
        PinnedMemory.copy(batch.getLabels(), copies),
        share,
        batch);
  }
}

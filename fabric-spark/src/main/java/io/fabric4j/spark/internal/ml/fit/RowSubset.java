package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import io.fabric4j.distributed.ShardedDataset;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;

/** Some rows of a shard. */
final class RowSubset extends RandomAccessDataset implements ShardedDataset {
  private final RandomAccessDataset shard;
  private final long[] rows;

  RowSubset(RandomAccessDataset shard, long[] rows) {
    super(new Settings().setSampling(1, false));
    this.shard = shard;
    this.rows = rows;
  }

  @Override
  protected long availableSize() {
    return rows.length;
  }

  @Override
  public OptionalLong fingerprint() {
    OptionalLong whole = ((ShardedDataset) shard).fingerprint();
    return whole.isPresent()
        ? OptionalLong.of(31 * whole.getAsLong() + Arrays.hashCode(rows))
        : whole;
  }

  @Override
  public boolean isOnDisk() {
    return ((ShardedDataset) shard).isOnDisk();
  }

  @Override
  public Record get(NDManager manager, long index) throws IOException {
    return shard.get(manager, rows[Math.toIntExact(index)]);
  }

  @Override
  public Iterable<Batch> getData(NDManager manager, Sampler batches)
      throws IOException, TranslateException {
    return shard.getData(manager, new Mapped(batches));
  }

  @Override
  public void prepare(Progress progress) {}

  /** Batches of this subset as batches of the shard. */
  private final class Mapped implements Sampler {
    private final Sampler batches;

    Mapped(Sampler batches) {
      this.batches = batches;
    }

    @Override
    public Iterator<List<Long>> sample(RandomAccessDataset ignored) {
      Iterator<List<Long>> own = batches.sample(RowSubset.this);
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          return own.hasNext();
        }

        @Override
        public List<Long> next() {
          return own.next().stream().map(index -> rows[Math.toIntExact(index)]).toList();
        }
      };
    }

    @Override
    public int getBatchSize() {
      return batches.getBatchSize();
    }
  }

  /** DJL's base class insists on a sampler; data loaders bring their own. */
  private static final class Settings extends BaseBuilder<Settings> {
    @Override
    protected Settings self() {
      return this;
    }
  }
}

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.DataIterable;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import ai.djl.training.dataset.Sampler;
import ai.djl.util.Progress;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ShardedDataset;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** Columns of a table as a DJL dataset, which copies the rows of a batch at once. */
public final class PartitionDataset extends RandomAccessDataset
    implements ShardedDataset, AutoCloseable {
  private final Table table;
  private final int[] columns;
  private final int dataColumns;

  private PartitionDataset(Table table, int[] columns, int dataColumns) {
    super(new Settings().setSampling(1, false));
    this.table = table;
    this.columns = columns;
    this.dataColumns = dataColumns;
  }

  public static RandomAccessDataset of(Table table, List<String> data, List<String> labels) {
    // Without a row anywhere nobody knows the columns, and no batch will have any.
    int[] columns =
        table.columns().isEmpty()
            ? new int[0]
            : IntStream.concat(
                    data.stream().mapToInt(table::index), labels.stream().mapToInt(table::index))
                .toArray();
    return new PartitionDataset(table, columns, data.size());
  }

  @Override
  protected long availableSize() {
    return table.rows();
  }

  @Override
  public OptionalLong fingerprint() {
    return OptionalLong.of(table.fingerprint());
  }

  @Override
  public boolean isOnDisk() {
    return table.rows() > 0 && table.block().isMapped();
  }

  @Override
  public RandomAccessDataset reshuffle(ProcessGroup group, long seed, long epoch) {
    Table others = new RowExchange(table, group).run(seed, epoch);
    return new PartitionDataset(others, columns, dataColumns);
  }

  /** Frees the rows; those of a shard live as long as the launch. */
  @Override
  public void close() {
    table.close();
  }

  @Override
  public Record get(NDManager manager, long index) {
    NDList row = new NDList();
    table.read(manager, columns, index).forEach(array -> row.add(array.squeeze(0)));
    return new Record(data(row), labels(row));
  }

  private NDList data(NDList arrays) {
    return arrays.subNDList(0, dataColumns);
  }

  private NDList labels(NDList arrays) {
    return arrays.subNDList(dataColumns);
  }

  @Override
  public Iterable<Batch> getData(NDManager manager, Sampler batches) {
    return new TableBatches(manager, batches);
  }

  @Override
  public void prepare(Progress progress) {}

  /** DJL's own iterable reads row by row. */
  private final class TableBatches extends DataIterable {

    TableBatches(NDManager manager, Sampler batches) {
      super(
          PartitionDataset.this,
          manager,
          batches,
          PartitionDataset.this.dataBatchifier,
          PartitionDataset.this.labelBatchifier,
          null,
          null,
          null,
          0,
          null);
    }

    @Override
    protected Batch fetch(List<Long> indices, int progress) {
      NDManager owner = manager.newSubManager();
      long[] rows = indices.stream().mapToLong(Long::longValue).toArray();
      NDList arrays = table.read(owner, columns, rows);
      return new Batch(
          owner,
          data(arrays),
          labels(arrays),
          rows.length,
          dataBatchifier,
          labelBatchifier,
          progress,
          table.rows(),
          indices);
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

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.distributed.ShardedDataset;
import java.util.List;
import java.util.OptionalLong;

/** Columns of a table as a DJL dataset; unlike its parent it may have no rows. */
public final class PartitionDataset extends ArrayDataset implements ShardedDataset {
  private final Table table;

  private PartitionDataset(Table table, NDArray[] data, NDArray[] labels) {
    super(new Settings().setSampling(1, false));
    this.table = table;
    this.data = data;
    this.labels = labels;
  }

  public static RandomAccessDataset of(Table table, List<String> data, List<String> labels) {
    return new PartitionDataset(table, arrays(table, data), arrays(table, labels));
  }

  private static NDArray[] arrays(Table table, List<String> columns) {
    if (!table.specs().isEmpty()) {
      columns.forEach(table::column);
    }
    return table.rows() == 0
        ? new NDArray[0]
        : columns.stream().map(table.arrays()::get).toArray(NDArray[]::new);
  }

  @Override
  protected long availableSize() {
    return table.rows();
  }

  @Override
  public OptionalLong fingerprint() {
    return OptionalLong.of(table.fingerprint());
  }

  /** DJL's base class insists on a sampler; data loaders bring their own. */
  private static final class Settings extends BaseBuilder<Settings> {
    @Override
    protected Settings self() {
      return this;
    }
  }
}

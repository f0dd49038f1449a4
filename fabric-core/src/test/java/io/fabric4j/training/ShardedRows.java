package io.fabric4j.training;

import ai.djl.ndarray.NDArray;
import ai.djl.training.dataset.ArrayDataset;
import io.fabric4j.Fabric;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.distributed.ShardedDataset;

/** Rows 0, 1, ... of a rank, with twice the number as the label. */
final class ShardedRows extends ArrayDataset implements ShardedDataset {

  private ShardedRows(Builder builder) {
    super(builder);
  }

  /** Returns a loader of batches of two rows. */
  static FabricDataLoader loader(Fabric fabric, int rows) {
    NDArray values = fabric.manager().arange((float) rows).reshape(rows, 1);
    Builder builder = new Builder().setData(values).optLabels(values.mul(2)).setSampling(2, false);
    return fabric.setupDataloaders(FabricDataLoader.of(new ShardedRows(builder)).batchSize(2));
  }
}

package io.fabric4j.internal.data;

/**
 * How a data loader goes through its dataset.
 *
 * @param padding whether shorter shards repeat rows until all are equally long
 * @param prefetch how many batches to prepare ahead of the loop; null for the device's default
 */
public record LoaderSettings(
    RowOrder order,
    int batchSize,
    boolean dropLast,
    boolean padding,
    boolean moveToDevice,
    Integer prefetch) {

  public static final LoaderSettings DEFAULT =
      new LoaderSettings(RowOrder.DEFAULT, 1, false, false, true, null);

  public LoaderSettings {
    if (batchSize < 1) {
      throw new IllegalArgumentException(
          "batchSize is " + batchSize + ", but a batch needs at least 1 row.");
    }
    if (prefetch != null && prefetch < 0) {
      throw new IllegalArgumentException(
          "prefetch is "
              + prefetch
              + ", but has to be 0 or a number of batches. 0 prepares each batch when the loop asks"
              + " for it.");
    }
  }

  public LoaderSettings withOrder(RowOrder value) {
    return new LoaderSettings(value, batchSize, dropLast, padding, moveToDevice, prefetch);
  }

  public LoaderSettings withBatchSize(int value) {
    return new LoaderSettings(order, value, dropLast, padding, moveToDevice, prefetch);
  }

  public LoaderSettings withDropLast(boolean value) {
    return new LoaderSettings(order, batchSize, value, padding, moveToDevice, prefetch);
  }

  public LoaderSettings withMoveToDevice(boolean value) {
    return new LoaderSettings(order, batchSize, dropLast, padding, value, prefetch);
  }

  public LoaderSettings withPrefetch(int value) {
    return new LoaderSettings(order, batchSize, dropLast, padding, moveToDevice, value);
  }

  public LoaderSettings withPadding(boolean value) {
    return new LoaderSettings(order, batchSize, dropLast, value, moveToDevice, prefetch);
  }
}

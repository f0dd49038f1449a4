package io.fabric4j.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.translate.Batchifier;
import io.fabric4j.internal.torch.RowSelection;
import java.lang.reflect.Field;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The arrays of DJL's {@link ArrayDataset}, whose batches are gathered by one call per array. */
public final class ArrayRows {
  private static final List<String> CHANGES = List.of("pipeline", "targetPipeline", "device");
  private static final List<String> BATCHIFIERS = List.of("dataBatchifier", "labelBatchifier");

  private final ArrayDataset dataset;
  private final NDManager owner;
  private final Batch all;

  private ArrayRows(ArrayDataset dataset, NDManager owner) {
    this.dataset = dataset;
    this.owner = owner;
    all = dataset.getByRange(owner, 0, dataset.size());
  }

  /**
   * Returns the arrays of a dataset that hands out its rows as they are; nothing for others.
   *
   * @param owner of the batches
   */
  public static Optional<ArrayRows> of(RandomAccessDataset dataset, NDManager owner) {
    // A subclass may change what a row is.
    if (dataset.getClass() != ArrayDataset.class || !isPlain(dataset)) {
      return Optional.empty();
    }
    return Optional.of(new ArrayRows((ArrayDataset) dataset, owner)).filter(ArrayRows::isDense);
  }

  /** DJL tells nobody how a dataset was built. */
  private static boolean isPlain(RandomAccessDataset dataset) {
    try {
      for (String change : CHANGES) {
        if (field(dataset, change) != null) {
          return false;
        }
      }
      for (String batchifier : BATCHIFIERS) {
        if (field(dataset, batchifier) != Batchifier.STACK) {
          return false;
        }
      }
      return true;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return false;
    }
  }

  private static Object field(RandomAccessDataset dataset, String name)
      throws ReflectiveOperationException {
    Field field = RandomAccessDataset.class.getDeclaredField(name);
    field.setAccessible(true);
    return field.get(dataset);
  }

  private boolean isDense() {
    return Stream.concat(all.getData().stream(), all.getLabels().stream())
        .allMatch(array -> !array.isSparse() && array.getDevice().equals(owner.getDevice()));
  }

  /** Returns the batches of these rows, each with a manager of its own. */
  public Iterator<Batch> batches(Iterable<List<Long>> indices) {
    Iterator<List<Long>> lists = indices.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return lists.hasNext();
      }

      @Override
      public Batch next() {
        return batch(lists.next());
      }
    };
  }

  private Batch batch(List<Long> indices) {
    NDManager manager = owner.newSubManager();
    long first = indices.get(0);
    if (follow(indices)) {
      return dataset.getByRange(manager, first, first + indices.size());
    }
    try (NDArray rows = manager.create(indices.stream().mapToLong(Long::longValue).toArray())) {
      return new Batch(
          manager,
          select(all.getData(), rows, manager),
          select(all.getLabels(), rows, manager),
          indices.size(),
          Batchifier.STACK,
          Batchifier.STACK,
          0,
          dataset.size(),
          indices);
    }
  }

  /** Returns whether rows lie side by side, so that a batch can be a view. */
  private static boolean follow(List<Long> indices) {
    for (int i = 1; i < indices.size(); i++) {
      if (indices.get(i) != indices.get(0) + i) {
        return false;
      }
    }
    return true;
  }

  private static NDList select(NDList arrays, NDArray rows, NDManager manager) {
    NDList result = new NDList(arrays.size());
    for (NDArray array : arrays) {
      result.add(RowSelection.select(array, rows, manager));
    }
    return result;
  }
}

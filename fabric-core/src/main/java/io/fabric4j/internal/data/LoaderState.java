package io.fabric4j.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a data loader is.
 *
 * @param batch how many batches of the epoch were handed out
 * @param rows the lists that a sampler has drawn for the epoch, if any
 */
public record LoaderState(
    long epoch, long batch, long batchSize, long worldSize, long seed, List<long[]> rows) {
  private static final Logger LOG = LoggerFactory.getLogger(LoaderState.class);

  /** Returns the entries of a checkpoint. */
  public Map<String, Object> toMap(NDManager manager) {
    Map<String, Object> map = new TreeMap<>();
    map.put("epoch", epoch);
    map.put("batch", batch);
    map.put("batch_size", batchSize);
    map.put("world_size", worldSize);
    map.put("seed", seed);
    map.put("rows", rows.stream().map(manager::create).toList());
    return map;
  }

  /**
   * Reads the entries of a checkpoint.
   *
   * @throws IllegalArgumentException if one is missing or not of its type
   */
  public static LoaderState of(Map<String, Object> map) {
    return new LoaderState(
        count(map, "epoch", 0),
        count(map, "batch", 0),
        count(map, "batch_size", 1),
        count(map, "world_size", 1),
        count(map, "seed", Long.MIN_VALUE),
        rows(map.get("rows")));
  }

  private static long count(Map<String, Object> map, String name, long min) {
    if (map.get(name) instanceof Number number && number.longValue() >= min) {
      return number.longValue();
    }
    throw misfit(name, map.get(name), "a whole number" + (min < 0 ? "" : " from " + min));
  }

  private static List<long[]> rows(Object value) {
    List<long[]> rows = new ArrayList<>();
    if (value instanceof List<?> list) {
      for (Object element : list) {
        if (!(element instanceof NDArray array) || array.getDataType() != DataType.INT64) {
          throw misfit("rows", element, "lists of int64");
        }
        rows.add(array.toLongArray());
      }
      return rows;
    }
    throw misfit("rows", value, "lists of int64");
  }

  private static IllegalArgumentException misfit(String name, Object value, String expected) {
    return new IllegalArgumentException(
        "The checkpoint does not fit: the data loader's "
            + name
            + " is "
            + value
            + ", but has to be "
            + expected
            + ". Load the state of a data loader.");
  }

  /** Returns how many steps of another size the consumed rows make; warns if it is another. */
  public long stepsFor(long newBatchSize, long newWorldSize) {
    if (newBatchSize == batchSize && newWorldSize == worldSize) {
      return batch;
    }
    long consumed = batch * batchSize * worldSize;
    long steps = consumed / (newBatchSize * newWorldSize);
    LOG.warn(
        "The data loader's position was saved with batch size {} on {} ranks and is loaded with"
            + " batch size {} on {} ranks: epoch {} goes on after {} of the {} rows consumed, so"
            + " the resumed run is not exact.",
        batchSize,
        worldSize,
        newBatchSize,
        newWorldSize,
        epoch,
        steps * newBatchSize * newWorldSize,
        consumed);
    return steps;
  }
}

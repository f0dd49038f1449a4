package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDManager;
import io.fabric4j.FabricException;
import io.fabric4j.spark.RowMapper;
import java.io.Serializable;
import java.util.Iterator;
import java.util.function.LongConsumer;

/**
 * Reads one partition of an input into memory. The driver makes it, the ranks use it.
 *
 * @param name the input's name
 * @param mapper from an element to columns
 */
public record InputReader<T>(String name, RowMapper<? super T> mapper) implements Serializable {
  private static final int ROWS_PER_PROGRESS = 1024;

  public static <T> InputReader<T> of(Input<T> input) {
    return new InputReader<>(input.name(), input.mapper());
  }

  /**
   * Reads all rows.
   *
   * @param manager owner of the table
   * @param progress called with the number of rows now and then; may throw to end the reading
   */
  public Table read(Iterator<?> rows, NDManager manager, LongConsumer progress) {
    try (TableBuilder builder = new TableBuilder(name, manager)) {
      while (rows.hasNext()) {
        map(rows.next(), builder);
        builder.endRow();
        if (builder.rows() % ROWS_PER_PROGRESS == 0) {
          progress.accept(builder.rows());
        }
      }
      return builder.build();
    }
  }

  @SuppressWarnings("unchecked") // the partition holds what the input's RDD held
  private void map(Object row, TableBuilder builder) {
    try {
      mapper.map((T) row, builder);
    } catch (IllegalArgumentException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new FabricException(
          "The mapper of input '"
              + name
              + "' failed in row "
              + builder.rows()
              + " of this rank: "
              + e
              + ". Look at the cause.",
          e);
    }
  }
}

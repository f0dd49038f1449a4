package io.fabric4j.spark.internal.data;

import io.fabric4j.FabricException;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.RowMapper;
import java.io.Serializable;
import java.util.Iterator;
import java.util.function.LongConsumer;
import org.apache.spark.api.java.JavaRDD;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one partition of an input. The driver makes it, the ranks use it.
 *
 * @param name the input's name
 * @param mapper from an element to columns
 * @param handleInvalid what becomes of invalid rows
 * @param sort whether rows are put in an order that does not depend on how they come
 * @param mayBeUneven whether ranks deal their rows out anew if one has more than others
 */
public record InputReader<T>(
    String name,
    RowMapper<? super T> mapper,
    HandleInvalid handleInvalid,
    boolean sort,
    boolean mayBeUneven)
    implements Serializable {
  private static final Logger LOG = LoggerFactory.getLogger(InputReader.class);

  /**
   * Prepares to read an input.
   *
   * @param rows the RDD that the input has made
   */
  public static <T> InputReader<T> of(
      Input<T> input, JavaRDD<?> rows, HandleInvalid handleInvalid) {
    boolean mayBeUneven = EvenRows.mayBeUneven(rows.rdd());
    return new InputReader<>(
        input.name(), input.mapper(), handleInvalid, input.sort(), mayBeUneven);
  }

  /**
   * Reads all rows.
   *
   * @param progress called with the number of rows after each; may throw to end the reading
   */
  Table read(Iterator<?> rows, RowStorage storage, LongConsumer progress) {
    try (TableBuilder builder = new TableBuilder(name, handleInvalid, storage, sort)) {
      while (rows.hasNext()) {
        map(rows.next(), builder);
        builder.endRow();
        progress.accept(builder.rows());
      }
      Table table = builder.build();
      if (table.skipped() > 0) {
        LOG.warn(
            "{} of {} rows of input '{}' were skipped as invalid.",
            table.skipped(),
            builder.rows(),
            name);
      }
      return table;
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

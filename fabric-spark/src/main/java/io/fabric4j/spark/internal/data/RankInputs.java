package io.fabric4j.spark.internal.data;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.spark.SparkFabricOptions;
import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.spark.SparkEnv;

/** The rows of one rank, of all inputs. */
public final class RankInputs implements AutoCloseable {
  private final List<InputReader<?>> readers;
  private final RowStorage storage;
  private final List<Table> tables = new ArrayList<>();

  public RankInputs(List<InputReader<?>> readers, SparkFabricOptions options) {
    this.readers = readers;
    SparkEnv spark = SparkEnv.get();
    boolean encrypts = spark.conf().getBoolean("spark.io.encryption.enabled", false);
    File[] folders = spark.blockManager().diskBlockManager().localDirs();
    storage =
        new RowStorage(
            new MemoryBudget(options.data().memoryBudget()),
            encrypts && !options.allowClearText()
                ? List.of()
                : Arrays.stream(folders).map(File::toPath).toList());
  }

  /**
   * Reads all inputs.
   *
   * @param partitions this rank's rows of each input
   * @param progress called with the number of rows after each; may throw to end the reading
   */
  public void read(List<? extends Iterator<?>> partitions, LongConsumer progress) {
    long rows = 0;
    for (int i = 0; i < partitions.size(); i++) {
      long before = rows;
      Table table =
          readers.get(i).read(partitions.get(i), storage, count -> progress.accept(before + count));
      tables.add(table);
      rows += table.rows();
    }
  }

  /** Returns the number of rows that this rank has read, of all inputs. */
  public long rows() {
    return tables.stream().mapToLong(Table::rows).sum();
  }

  /** Returns the tables by name, with columns on which all ranks agree. Collective with data. */
  public Map<String, Table> agree(ProcessGroup group) {
    // Without data the first collective is the user's.
    if (tables.isEmpty()) {
      return Map.of();
    }
    Map<String, Table> agreed = TableSpecs.agree(tables, group);
    for (InputReader<?> reader : readers) {
      if (reader.mayBeUneven()) {
        agreed.computeIfPresent(reader.name(), (name, table) -> even(table, group));
      }
    }
    return agreed;
  }

  /** Epochs take as long as the rank with most rows; it costs about one to share them. */
  private Table even(Table table, ProcessGroup group) {
    RowExchange exchange = new RowExchange(table, group);
    if (exchange.isEven()) {
      return table;
    }
    Table even = exchange.run(0, 0);
    tables.add(even);
    table.close();
    return even;
  }

  @Override
  public void close() {
    tables.forEach(Table::close);
  }
}

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.fabric4j.spark.HandleInvalid;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/** What tests of tables need. */
final class Tables {
  private static final List<Path> FOLDERS = List.of(Path.of(System.getProperty("java.io.tmpdir")));

  private Tables() {}

  /** Returns a builder whose rows stay in memory. */
  static TableBuilder builder(HandleInvalid handleInvalid) {
    return new TableBuilder("train", handleInvalid, storage(1 << 28), false);
  }

  /** Returns a builder that sorts its rows. */
  static TableBuilder sorting(long memoryBudget) {
    return new TableBuilder("train", HandleInvalid.ERROR, storage(memoryBudget), true);
  }

  private static RowStorage storage(long memoryBudget) {
    return new RowStorage(new MemoryBudget(memoryBudget), FOLDERS);
  }

  /** Returns all rows of a column. */
  static NDArray column(NDManager manager, Table table, String column) {
    long[] rows = LongStream.range(0, table.rows()).toArray();
    return table.read(manager, new int[] {table.index(column)}, rows).singletonOrThrow();
  }
}

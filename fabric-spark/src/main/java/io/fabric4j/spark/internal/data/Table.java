package io.fabric4j.spark.internal.data;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The rows of one input on one rank.
 *
 * @param layout of the rows; a rank without rows learns it from its peers
 * @param block the rows; null if there are none
 * @param storage where the rank keeps rows
 * @param fingerprint hash of the rows in order
 * @param skipped how many rows of the input were left out as invalid
 */
public record Table(
    String name,
    long rows,
    RowLayout layout,
    RowBlock block,
    RowStorage storage,
    long fingerprint,
    long skipped)
    implements AutoCloseable {

  /** Returns a table without rows, for whoever does not exchange them. */
  public static Table empty(String name, List<ColumnSpec> columns) {
    return new Table(name, 0, new RowLayout(columns), null, null, 0, 0);
  }

  public List<String> columns() {
    return layout.columns().stream().map(ColumnSpec::name).toList();
  }

  public ColumnSpec column(String column) {
    return layout.columns().get(index(column));
  }

  /** Returns the position of a column. */
  int index(String column) {
    int index = columns().indexOf(column);
    if (index < 0) {
      throw new NoSuchElementException(
          "Input '"
              + name
              + "' has no column '"
              + column
              + "'. Its columns are "
              + columns()
              + ".");
    }
    return index;
  }

  /**
   * Returns columns of some rows, copied.
   *
   * @param columns their positions
   * @return shape (indices.length, ...) each
   */
  NDList read(NDManager manager, int[] columns, long... indices) {
    if (!manager.getDevice().isGpu()) {
      return readOnHost(manager, columns, indices);
    }
    try (NDManager host = manager.newSubManager(Device.cpu())) {
      NDList copies = readOnHost(host, columns, indices).toDevice(manager.getDevice(), true);
      copies.attach(manager);
      return copies;
    }
  }

  private NDList readOnHost(NDManager manager, int[] columns, long... indices) {
    NDList arrays = new NDList(columns.length);
    RowBlock.Piece[] pieces = new RowBlock.Piece[columns.length];
    for (int i = 0; i < columns.length; i++) {
      ColumnSpec spec = layout.columns().get(columns[i]);
      NDArray array = manager.create(spec.shape(indices.length), spec.dataType());
      arrays.add(array);
      try (FlatTensor memory = FlatTensor.of(array)) {
        pieces[i] =
            new RowBlock.Piece(layout.offset(columns[i]), spec.rowBytes(), memory.address());
      }
    }
    block.copy(indices, pieces);
    return arrays;
  }

  Table withColumns(List<ColumnSpec> known) {
    return new Table(name, rows, new RowLayout(known), block, storage, fingerprint, skipped);
  }

  Table withRows(long count, RowBlock others) {
    return new Table(name, count, layout, others, storage, fingerprint, skipped);
  }

  @Override
  public void close() {
    if (block != null) {
      block.close();
    }
  }
}

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * The rows of one input on one rank.
 *
 * @param specs the columns; a rank without rows learns them from its peers
 * @param arrays shape (rows, ...) by column; empty without rows
 * @param fingerprint hash of the rows in order
 */
public record Table(
    String name, long rows, List<ColumnSpec> specs, Map<String, NDArray> arrays, long fingerprint) {

  public List<String> columns() {
    return specs.stream().map(ColumnSpec::name).toList();
  }

  public ColumnSpec column(String column) {
    return specs.stream()
        .filter(spec -> spec.name().equals(column))
        .findFirst()
        .orElseThrow(
            () ->
                new NoSuchElementException(
                    "Input '"
                        + name
                        + "' has no column '"
                        + column
                        + "'. Its columns are "
                        + columns()
                        + "."));
  }

  Table withSpecs(List<ColumnSpec> known) {
    return new Table(name, rows, known, arrays, fingerprint);
  }

  /** Makes a manager the owner of the arrays. */
  public void attach(NDManager manager) {
    arrays.values().forEach(array -> array.attach(manager));
  }
}

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.spark.HandleInvalid;
import io.fabric4j.spark.SparkFabricOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Checks the columns of each row against those of the first valid one. */
final class RowCheck {
  private static final long[] SCALAR = {};

  private final String input;
  private final HandleInvalid handleInvalid;
  private final List<ColumnSpec> columns = new ArrayList<>();
  private ColumnSpec[] specs = {};
  private String[] names = {};
  private DataType[] scalars = {};
  private boolean complete;
  private boolean rejected;
  private int cursor;
  private long row;

  RowCheck(String input, HandleInvalid handleInvalid) {
    this.input = input;
    this.handleInvalid = handleInvalid;
  }

  /** Takes the next value of the row; returns whether it is to be stored. */
  boolean next(String column, DataType type, long[] shape) {
    if (rejected || !(complete ? isExpected(column, type, shape) : isNew(column, type, shape))) {
      return false;
    }
    cursor++;
    return true;
  }

  /** Takes the next value of the row, one element; returns whether it is to be stored. */
  boolean next(String column, DataType type) {
    // Most values are such ones.
    if (!rejected
        && cursor < scalars.length
        && column.equals(names[cursor])
        && type == scalars[cursor]) {
      cursor++;
      return true;
    }
    return next(column, type, SCALAR);
  }

  private boolean isExpected(String column, DataType type, long[] shape) {
    checkTurn(column);
    ColumnSpec spec = specs[cursor];
    checkType(spec, type);
    if (spec.hasShape(shape)) {
      return true;
    }
    reject(column, misfit(spec, shape));
    return false;
  }

  private boolean isNew(String column, DataType type, long[] shape) {
    checkNew(column);
    if (new Shape(shape).size() == 0) {
      reject(column, "is an array without elements");
      return false;
    }
    columns.add(ColumnSpec.of(column, type, shape));
    return true;
  }

  private static String misfit(ColumnSpec spec, long[] shape) {
    return "has the shape "
        + describe(shape)
        + ", but "
        + spec.rowShape()
        + " in the first row of this rank; all rows of a column have one shape";
  }

  private static String describe(long[] shape) {
    return new Shape(shape).toString();
  }

  private void checkNew(String column) {
    if (columns.stream().anyMatch(other -> other.name().equals(column))) {
      throw invalid(column, "is written twice. Write each column once per row.");
    }
  }

  private void checkTurn(String column) {
    String expected = cursor < specs.length ? specs[cursor].name() : null;
    if (!column.equals(expected)) {
      throw invalid(
          column,
          "comes where the first row has "
              + (expected == null ? "no column" : "'" + expected + "'")
              + ". Write the same columns in the same order in each row.");
    }
  }

  private void checkType(ColumnSpec spec, DataType type) {
    if (spec.dataType() != type) {
      throw invalid(
          spec.name(),
          "is "
              + type
              + ", but "
              + spec.dataType()
              + " in the first row. All rows of a column have one type: cast them first.");
    }
  }

  /** Returns a shape that has so many elements. */
  long[] shape(String column, int elements, long[] shape) {
    if (Arrays.stream(shape).anyMatch(size -> size < 0) || new Shape(shape).size() != elements) {
      throw invalid(
          column,
          "has " + elements + " elements, which do not make the shape " + describe(shape) + ".");
    }
    return shape;
  }

  /** Returns how many elements an array lacks that NaN may stand for. */
  int missing(String column, int length) {
    if (!complete || rejected || handleInvalid != HandleInvalid.KEEP) {
      return 0;
    }
    checkTurn(column);
    ColumnSpec spec = specs[cursor];
    return spec.dimensions().size() == 1 ? Math.max(0, spec.elements() - length) : 0;
  }

  /** Takes a null; returns how many elements NaN has to stand for. */
  int nullElements(String column) {
    if (complete && !rejected && handleInvalid == HandleInvalid.KEEP) {
      checkTurn(column);
      ColumnSpec spec = specs[cursor];
      if (spec.dataType() == DataType.FLOAT32) {
        cursor++;
        return spec.elements();
      }
    }
    reject(column, "is null or contains null");
    return 0;
  }

  /** Leaves the row out, or throws. */
  void reject(String column, String problem) {
    switch (handleInvalid) {
      case SKIP -> rejected = true;
      case ERROR ->
          throw invalid(
              column,
              problem
                  + ". Correct or drop such rows first, for example with df.na().drop(), or set "
                  + SparkFabricOptions.HANDLE_INVALID
                  + " to skip or keep.");
      case KEEP ->
          throw invalid(
              column,
              problem
                  + ", and NaN cannot express it. Cast the column to double, pad or drop such rows"
                  + " first, or set "
                  + SparkFabricOptions.HANDLE_INVALID
                  + " to skip.");
    }
  }

  private IllegalArgumentException invalid(String column, String problem) {
    return new IllegalArgumentException(
        "Column '"
            + column
            + "' of input '"
            + input
            + "', row "
            + row
            + " of this rank, "
            + problem);
  }

  /** Ends a row; returns whether it is to be stored. */
  boolean endRow() {
    boolean valid = !rejected;
    if (valid) {
      checkEnd();
      if (!complete) {
        complete();
      }
    } else if (!complete) {
      columns.clear();
    }
    rejected = false;
    cursor = 0;
    row++;
    return valid;
  }

  private void checkEnd() {
    if (columns.isEmpty()) {
      throw new IllegalArgumentException(
          "Row " + row + " of input '" + input + "' has no columns. Write at least one.");
    }
    if (cursor < columns.size()) {
      throw invalid(columns.get(cursor).name(), "is missing. Write every column in each row.");
    }
  }

  private void complete() {
    specs = columns.toArray(specs);
    names = columns.stream().map(ColumnSpec::name).toArray(String[]::new);
    scalars =
        columns.stream()
            .map(spec -> spec.dimensions().isEmpty() ? spec.dataType() : null)
            .toArray(DataType[]::new);
    complete = true;
  }

  /** Returns the number of rows that have ended. */
  long rows() {
    return row;
  }

  /** Returns the columns of all valid rows so far; none before the first one. */
  List<ColumnSpec> columns() {
    return columns;
  }
}

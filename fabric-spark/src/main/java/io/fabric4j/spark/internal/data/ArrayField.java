package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;

/**
 * An array, or arrays in arrays of one shape.
 *
 * @param element type of the innermost elements
 * @param depth number of dimensions
 */
record ArrayField(ScalarField element, int depth) implements FieldReader {

  @Override
  public void put(InternalRow row, int field, String name, RowWriter writer) {
    ArrayData values = row.getArray(field);
    long[] shape = shape(values);
    try {
      write(values, shape, name, writer);
    } catch (Unfit e) {
      writer.putInvalid(name, e.getMessage());
    }
  }

  /** The lengths of the first array of each level. */
  private long[] shape(ArrayData values) {
    long[] shape = new long[depth];
    ArrayData level = values;
    for (int i = 0; i < depth && level != null; i++) {
      shape[i] = level.numElements();
      boolean goesOn = i + 1 < depth && level.numElements() > 0 && !level.isNullAt(0);
      level = goesOn ? level.getArray(0) : null;
    }
    return shape;
  }

  private void write(ArrayData values, long[] shape, String name, RowWriter writer) throws Unfit {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    int length = Math.toIntExact(count);
    // One-dimensional arrays may be filled up; a given shape forbids that.
    long[] given = depth == 1 ? new long[0] : shape;
    switch (element) {
      case FLOAT, DOUBLE -> writer.put(name, fill(new float[length], values, shape), given);
      case INT -> writer.put(name, fill(new int[length], values, shape), given);
      case LONG -> writer.put(name, fill(new long[length], values, shape), given);
      case BOOLEAN -> writer.put(name, fill(new boolean[length], values, shape), given);
    }
  }

  private <T> T fill(T target, ArrayData values, long[] shape) throws Unfit {
    fill(target, 0, values, shape, 0);
    return target;
  }

  /** Writes an array of a level and returns the position after it. */
  private int fill(Object target, int start, ArrayData values, long[] shape, int level)
      throws Unfit {
    int length = values.numElements();
    if (length != shape[level]) {
      throw new Unfit(
          "has arrays of " + shape[level] + " and of " + length + " elements in one row");
    }
    if (level + 1 == depth) {
      copy(values, target, start);
      return start + length;
    }
    int position = start;
    for (int i = 0; i < length; i++) {
      if (values.isNullAt(i)) {
        throw new Unfit("is null or contains null");
      }
      position = fill(target, position, values.getArray(i), shape, level + 1);
    }
    return position;
  }

  private void copy(ArrayData values, Object target, int start) throws Unfit {
    for (int i = 0; i < values.numElements(); i++) {
      boolean isNull = values.isNullAt(i);
      if (isNull && !(target instanceof float[])) {
        throw new Unfit("is null or contains null");
      }
      int index = start + i;
      switch (element) {
        case FLOAT -> ((float[]) target)[index] = isNull ? Float.NaN : values.getFloat(i);
        case DOUBLE -> ((float[]) target)[index] = isNull ? Float.NaN : (float) values.getDouble(i);
        case INT -> ((int[]) target)[index] = values.getInt(i);
        case LONG -> ((long[]) target)[index] = values.getLong(i);
        case BOOLEAN -> ((boolean[]) target)[index] = values.getBoolean(i);
      }
    }
  }

  /** Why an array does not become a tensor. */
  private static final class Unfit extends Exception {
    private static final long serialVersionUID = 1L;

    Unfit(String problem) {
      super(problem);
    }
  }
}

package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import java.lang.reflect.Array;
import org.apache.spark.sql.Row;
import scala.collection.Seq;

/**
 * An array, or arrays in arrays of one shape.
 *
 * @param element type of the innermost elements
 * @param depth number of dimensions
 */
record ArrayField(ScalarField element, int depth) implements FieldReader {

  @Override
  public void put(Row row, int field, String name, RowWriter writer) {
    Seq<?> values = row.getSeq(field);
    long[] shape = shape(values);
    try {
      write(values, shape, name, writer);
    } catch (Unfit e) {
      writer.putInvalid(name, e.getMessage());
    }
  }

  /** The lengths of the first array of each level. */
  private long[] shape(Seq<?> values) {
    long[] shape = new long[depth];
    Object level = values;
    for (int i = 0; i < depth && level instanceof Seq<?> array; i++) {
      shape[i] = array.length();
      level = array.isEmpty() ? null : array.apply(0);
    }
    return shape;
  }

  private void write(Seq<?> values, long[] shape, String name, RowWriter writer) throws Unfit {
    long count = 1;
    for (long size : shape) {
      count *= size;
    }
    int length = Math.toIntExact(count);
    // One-dimensional arrays may be filled up; a given shape forbids that.
    long[] given = depth == 1 ? new long[0] : shape;
    switch (element) {
      case FLOAT -> writer.put(name, fill(new float[length], values, shape), given);
      case INT -> writer.put(name, fill(new int[length], values, shape), given);
      case LONG -> writer.put(name, fill(new long[length], values, shape), given);
      case BOOLEAN -> writer.put(name, fill(new boolean[length], values, shape), given);
    }
  }

  private <T> T fill(T target, Seq<?> values, long[] shape) throws Unfit {
    fill(target, 0, values, shape, 0);
    return target;
  }

  /** Writes an array of a level and returns the position after it. */
  private int fill(Object target, int start, Object array, long[] shape, int level) throws Unfit {
    if (!(array instanceof Seq<?> values)) {
      throw new Unfit("is null or contains null");
    }
    if (values.length() != shape[level]) {
      throw new Unfit(
          "has arrays of " + shape[level] + " and of " + values.length() + " elements in one row");
    }
    int position = start;
    for (int i = 0; i < values.length(); i++) {
      if (level + 1 < depth) {
        position = fill(target, position, values.apply(i), shape, level + 1);
      } else {
        set(target, position++, values.apply(i));
      }
    }
    return position;
  }

  private static void set(Object target, int index, Object value) throws Unfit {
    if (target instanceof float[] floats) {
      floats[index] = value == null ? Float.NaN : ((Number) value).floatValue();
    } else if (value == null) {
      throw new Unfit("is null or contains null");
    } else if (target instanceof long[] longs) {
      longs[index] = (Long) value;
    } else if (target instanceof int[] ints) {
      ints[index] = ((Number) value).intValue();
    } else {
      Array.setBoolean(target, index, (Boolean) value);
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

package io.fabric4j.spark.internal.ml.inference;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.spark.internal.data.ColumnSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.SparseVector;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import scala.collection.Seq;

/**
 * The elements of one row's value of a column. Methods that read a value return what is wrong with
 * it, nothing if it is fine.
 */
final class InputValues {
  private static final String FINE = "";
  private static final String NULL = "is null or contains null";

  private final int[] shape;
  private final int count;
  private final Object elements;
  private final boolean keep;

  /**
   * @param spec type and shape of the value
   * @param keep whether NaN stands for nulls, and fills up short arrays
   */
  InputValues(ColumnSpec spec, boolean keep) {
    shape = spec.dimensions().stream().mapToInt(Math::toIntExact).toArray();
    count = Math.toIntExact(spec.rowShape().size());
    elements = newElements(spec.dataType(), count);
    this.keep = keep && elements instanceof float[];
  }

  private static Object newElements(DataType type, int count) {
    return switch (type) {
      case FLOAT32 -> new float[count];
      case INT32 -> new int[count];
      case INT64 -> new long[count];
      case BOOLEAN, UINT8 -> new byte[count];
      default -> throw new IllegalArgumentException("No column has elements of " + type + ".");
    };
  }

  /** Reads a value as Spark's rows have it. */
  String read(Object value) {
    String problem;
    if (value instanceof Vector vector) {
      problem = vector(vector, (float[]) elements);
    } else if (value instanceof byte[] bytes) {
      problem = bytes(bytes);
    } else if (value instanceof Row image) {
      problem = image(image);
    } else if (value instanceof Seq<?> array) {
      problem = array(array, 0, 0);
    } else if (value == null && keep) {
      problem = fill(0);
    } else {
      problem = element(0, value);
    }
    return problem.isEmpty() && !keep ? finite() : problem;
  }

  private String vector(Vector vector, float[] target) {
    String problem = length(vector.size());
    if (!problem.isEmpty()) {
      return problem;
    }
    if (vector instanceof SparseVector sparse) {
      int[] indices = sparse.indices();
      double[] values = sparse.values();
      Arrays.fill(target, 0, sparse.size(), 0);
      for (int i = 0; i < indices.length; i++) {
        target[indices[i]] = (float) values[i];
      }
    } else {
      double[] values = vector.toArray();
      for (int i = 0; i < values.length; i++) {
        target[i] = (float) values[i];
      }
    }
    return FINE;
  }

  /** Compares the length of the only dimension; what is missing may become NaN. */
  private String length(int length) {
    if (length == count) {
      return FINE;
    }
    return keep && length < count
        ? fill(length)
        : "has " + length + " elements, but the model was trained on " + count;
  }

  private String fill(int start) {
    Arrays.fill((float[]) elements, start, count, Float.NaN);
    return FINE;
  }

  private String image(Row image) {
    int[] size = {
      ImageSchema.getHeight(image), ImageSchema.getWidth(image), ImageSchema.getNChannels(image)
    };
    if (size[0] < 0) {
      return "is an image that Spark could not decode";
    }
    return Arrays.equals(size, shape)
        ? bytes(ImageSchema.getData(image))
        : "is an image of height, width and channels " + Arrays.toString(size) + trained();
  }

  private String trained() {
    return ", but the model was trained on " + Arrays.toString(shape);
  }

  private String bytes(byte[] bytes) {
    String problem = length(bytes.length);
    if (problem.isEmpty()) {
      System.arraycopy(bytes, 0, elements, 0, count);
    }
    return problem;
  }

  /** Reads an array of a level; its elements go to consecutive positions. */
  private String array(Object value, int level, int start) {
    if (!(value instanceof Seq<?> values)) {
      return NULL;
    }
    int length = values.length();
    if (shape.length > 1 && length != shape[level]) {
      return "has an array of " + length + " elements" + trained();
    }
    String problem = shape.length == 1 ? length(length) : FINE;
    int step = 1;
    for (int i = level + 1; i < shape.length; i++) {
      step *= shape[i];
    }
    for (int i = 0; i < length && problem.isEmpty(); i++) {
      Object part = values.apply(i);
      int position = start + i * step;
      problem =
          level + 1 < shape.length ? array(part, level + 1, position) : element(position, part);
    }
    return problem;
  }

  private String element(int index, Object value) {
    if (elements instanceof float[] floats) {
      floats[index] = value == null ? Float.NaN : ((Number) value).floatValue();
    } else if (value == null) {
      return NULL;
    } else if (elements instanceof int[] ints) {
      ints[index] = ((Number) value).intValue();
    } else if (elements instanceof long[] longs) {
      longs[index] = ((Number) value).longValue();
    } else {
      ((byte[]) elements)[index] = (byte) ((Boolean) value ? 1 : 0);
    }
    return FINE;
  }

  private String finite() {
    if (elements instanceof float[] floats) {
      for (int i = 0; i < count; i++) {
        if (Float.isNaN(floats[i])) {
          return shape.length == 0 ? "is null or NaN" : "has null or NaN as element " + i;
        }
      }
    }
    return FINE;
  }

  /**
   * Copies the value that was read.
   *
   * @param target rows one after the other, in native order
   */
  void store(ByteBuffer target, int row) {
    int position = row * count;
    if (elements instanceof float[] floats) {
      target.asFloatBuffer().put(position, floats);
    } else if (elements instanceof int[] ints) {
      target.asIntBuffer().put(position, ints);
    } else if (elements instanceof long[] longs) {
      target.asLongBuffer().put(position, longs);
    } else {
      target.put(position, (byte[]) elements);
    }
  }
}

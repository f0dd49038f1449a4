package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import java.util.Arrays;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A field of Spark's types for machine learning, or bytes. */
enum ComplexField implements FieldReader {
  BINARY {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      writer.put(name, row.getBinary(field));
    }
  },
  /** As Spark stores it: whether it is dense, size, indices, values. */
  VECTOR {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      InternalRow vector = row.getStruct(field, 4);
      double[] values = vector.getArray(3).toDoubleArray();
      if (vector.getByte(0) == DENSE_VECTOR) {
        writer.put(name, values);
      } else {
        int[] indices = vector.getArray(2).toIntArray();
        writer.put(name, Vectors.sparse(vector.getInt(1), indices, values));
      }
    }
  },
  /**
   * As Spark stores it: origin, height, width, channels, mode, data. Shape (height, width,
   * channels), in the order of OpenCV: blue, green, red.
   */
  IMAGE {
    @Override
    public void put(InternalRow row, int field, String name, RowWriter writer) {
      InternalRow image = row.getStruct(field, 6);
      int height = image.getInt(1);
      if (height < 0) {
        writer.putInvalid(name, "is an image that Spark could not decode");
      } else {
        writer.put(name, image.getBinary(5), height, image.getInt(2), image.getInt(3));
      }
    }
  };

  private static final byte DENSE_VECTOR = 1;

  /** Returns whether a type is that of Spark's image data source, whatever may be null in it. */
  static boolean isImage(DataType type) {
    StructType image = ImageSchema.columnSchema();
    return type instanceof StructType struct
        && Arrays.equals(struct.fieldNames(), image.fieldNames())
        && Arrays.equals(types(struct), types(image));
  }

  private static DataType[] types(StructType struct) {
    return Arrays.stream(struct.fields()).map(field -> field.dataType()).toArray(DataType[]::new);
  }
}

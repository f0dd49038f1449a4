package io.fabric4j.spark.internal.data;

import io.fabric4j.spark.RowWriter;
import java.util.Arrays;
import org.apache.spark.ml.image.ImageSchema;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;

/** A field of Spark's types for machine learning, or bytes. */
enum ComplexField implements FieldReader {
  BINARY {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      writer.put(name, row.<byte[]>getAs(field));
    }
  },
  VECTOR {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      writer.put(name, row.<Vector>getAs(field));
    }
  },
  /** Shape (height, width, channels), in the order of OpenCV: blue, green, red. */
  IMAGE {
    @Override
    public void put(Row row, int field, String name, RowWriter writer) {
      Row image = row.getStruct(field);
      if (ImageSchema.getHeight(image) < 0) {
        writer.putInvalid(name, "is an image that Spark could not decode");
      } else {
        writer.put(
            name,
            ImageSchema.getData(image),
            ImageSchema.getHeight(image),
            ImageSchema.getWidth(image),
            ImageSchema.getNChannels(image));
      }
    }
  };

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

package io.fabric4j.spark.examples;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Handwritten-looking digits of 28 x 28 pixels, drawn by code, to try things on. Image {@code i}
 * depends on the seed and {@code i} alone, and each ten images hold every digit once.
 */
public final class DrawnDigits {
  /** Column of 784 gray values, row after row, from 0 (black) to 1: an ML vector. */
  public static final String FEATURES = "features";

  /** Column of digits, 0 to 9, of type long. */
  public static final String LABEL = "label";

  private static final int PER_PARTITION = 500;

  private DrawnDigits() {}

  /**
   * Returns digits as a DataFrame of the columns {@link #FEATURES} and {@link #LABEL}, drawn in
   * Spark's tasks whenever they are read.
   */
  public static Dataset<Row> rows(SparkSession spark, int size, long seed) {
    int partitions = Math.max(2, size / PER_PARTITION);
    JavaRDD<Integer> parts =
        JavaSparkContext.fromSparkContext(spark.sparkContext())
            .parallelize(IntStream.range(0, partitions).boxed().toList(), partitions);
    JavaRDD<Row> rows =
        parts.flatMap(
            part -> {
              LabeledImages images =
                  StrokeDigits.draw(
                      (int) ((long) size * part / partitions),
                      (int) ((long) size * (part + 1) / partitions),
                      seed);
              return IntStream.range(0, images.size()).mapToObj(i -> row(images, i)).iterator();
            });
    return spark.createDataFrame(
        rows,
        new StructType()
            .add(FEATURES, SQLDataTypes.VectorType(), false)
            .add(LABEL, DataTypes.LongType, false));
  }

  private static Row row(LabeledImages images, int index) {
    int area = images.rows() * images.cols();
    double[] gray = new double[area];
    for (int i = 0; i < area; i++) {
      gray[i] = gray(images.pixels()[index * area + i]);
    }
    return RowFactory.create(Vectors.dense(gray), (long) images.labels()[index]);
  }

  private static float gray(byte pixel) {
    return (pixel & 0xff) / 255f;
  }

  /**
   * Returns digits as a DJL dataset, for a loop without Spark: images FLOAT32 {@code (784)} from 0
   * to 1, labels INT64.
   *
   * @param manager owner of the arrays
   */
  public static ArrayDataset dataset(NDManager manager, int size, long seed) {
    LabeledImages images = StrokeDigits.draw(size, seed);
    float[] gray = new float[images.pixels().length];
    for (int i = 0; i < gray.length; i++) {
      gray[i] = gray(images.pixels()[i]);
    }
    long[] labels = IntStream.range(0, size).mapToLong(i -> images.labels()[i]).toArray();
    NDArray data = manager.create(gray, new Shape(size, (long) images.rows() * images.cols()));
    return new ArrayDataset.Builder()
        .setData(data)
        .optLabels(manager.create(labels).toType(DataType.INT64, false))
        .setSampling(1, false)
        .build();
  }
}

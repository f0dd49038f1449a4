package io.fabric4j.spark.benchmark;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** MNIST's 10,000 test images as a DataFrame: the first 8,000 rows train, the others test. */
public final class MnistRows {
  private static final int IMAGES = 10_000;
  private static final int TRAIN = 8_000;
  private static final int PIXELS = 784;
  private static final StructType SCHEMA =
      new StructType()
          .add("features", SQLDataTypes.VectorType())
          .add("label", DataTypes.DoubleType);

  private final SparkSession spark;
  private final List<Row> rows;

  private MnistRows(SparkSession spark, List<Row> rows) {
    this.spark = spark;
    this.rows = rows;
  }

  /** Reads the folder that has the gzipped IDX files. */
  public static MnistRows read(SparkSession spark, Path folder) throws IOException {
    List<Row> rows = new ArrayList<>();
    try (DataInputStream images = open(folder.resolve("t10k-images-idx3-ubyte.gz"), 16);
        DataInputStream labels = open(folder.resolve("t10k-labels-idx1-ubyte.gz"), 8)) {
      for (int i = 0; i < IMAGES; i++) {
        double[] pixels = new double[PIXELS];
        for (int j = 0; j < PIXELS; j++) {
          pixels[j] = images.readUnsignedByte() / 255.0;
        }
        rows.add(RowFactory.create(Vectors.dense(pixels), (double) labels.readUnsignedByte()));
      }
    }
    return new MnistRows(spark, rows);
  }

  private static DataInputStream open(Path file, int header) throws IOException {
    DataInputStream in =
        new DataInputStream(new GZIPInputStream(Files.newInputStream(file), 1 << 16));
    in.skipNBytes(header);
    return in;
  }

  public Dataset<Row> train() {
    return frame(rows.subList(0, TRAIN));
  }

  public Dataset<Row> test() {
    return frame(rows.subList(TRAIN, IMAGES));
  }

  private Dataset<Row> frame(List<Row> part) {
    Dataset<Row> frame = spark.createDataFrame(part, SCHEMA).repartition(2).cache();
    frame.count();
    return frame;
  }
}

package io.fabric4j.spark.examples;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Made-up mushrooms: some properties of a few values each, one of which is there. */
final class Mushrooms {
  private static final int PROPERTIES = 21;
  private static final int VALUES = 6;
  private static final StructType SCHEMA =
      new StructType()
          .add("label", DataTypes.DoubleType)
          .add("features", SQLDataTypes.VectorType());

  private Mushrooms() {}

  /** Returns rows of label (1 for poisonous) and sparse features, the same for the same seed. */
  static Dataset<Row> grow(SparkSession spark, int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(grow(random));
    }
    return spark.createDataFrame(rows, SCHEMA);
  }

  private static Row grow(SplittableRandom random) {
    int[] properties = random.ints(PROPERTIES, 0, VALUES).toArray();
    boolean poisonous = properties[0] < 2 || (properties[1] == 3 && properties[2] > 2);
    int[] present = new int[PROPERTIES];
    Arrays.setAll(present, i -> i * VALUES + properties[i]);
    double[] ones = new double[PROPERTIES];
    Arrays.fill(ones, 1);
    return RowFactory.create(
        poisonous ? 1.0 : 0.0, Vectors.sparse(PROPERTIES * VALUES, present, ones));
  }
}

package io.fabric4j.spark.ml;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A session with four task slots in this JVM, and rows to learn from. */
abstract class MLTest {
  static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark =
        SparkSession.builder()
            .master("local[4]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.executor.heartbeatInterval", "1s")
            .config("spark.fabric.progress", "off")
            .getOrCreate();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  /**
   * Points around three centres: {@code features}, {@code label}, {@code weight} (1 or 3), {@code
   * group} (one of four), {@code y} (linear in the features and the group, of some hundreds) and
   * {@code held} (every fifth row).
   */
  static Dataset<Row> points(int count) {
    Random random = new Random(7);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int label = i % 3;
      int group = random.nextInt(4);
      double a = 10 * Math.cos(2 * label) + random.nextGaussian();
      double b = 0.01 * (10 * Math.sin(2 * label) + random.nextGaussian());
      double y = 500 + 10 * a + 2000 * b + 50 * group;
      rows.add(
          RowFactory.create(
              Vectors.dense(a, b), (double) label, i % 4 == 0 ? 3.0 : 1.0, group, y, i % 5 == 0));
    }
    return spark.createDataFrame(
        rows,
        new StructType()
            .add("features", SQLDataTypes.VectorType())
            .add("label", "double")
            .add("weight", "double")
            .add("group", "int")
            .add("y", "double")
            .add("held", "boolean"));
  }

  /** A classifier that is fast on {@link #points}. */
  static FabricClassifier classifier() {
    return new FabricClassifier()
        .setNetwork(Network.mlp(16))
        .setStepSize(0.02)
        .setMaxIter(5)
        .setNumWorkers(1)
        .setVerbosity(0);
  }
}

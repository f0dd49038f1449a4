package io.fabric4j.spark.ml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.api.java.function.ForeachPartitionFunction;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PredictionMemoryTest {

  /** A batch that each transform leaves would come to a gigabyte. */
  private static final long MOST_BYTES = 200L << 20;

  /** Makes all rows without a shuffle, for which Spark would keep threads for a while. */
  private static final ForeachPartitionFunction<Row> DRAIN =
      rows -> rows.forEachRemaining(row -> assertThat(row.size()).isPositive());

  private static SparkSession spark;

  @BeforeAll
  static void startSpark() {
    spark = SmallModels.session();
  }

  @AfterAll
  static void stopSpark() {
    spark.stop();
  }

  @Test
  void transformsAndPredictionsLeaveNothingInNativeMemory() throws IOException {
    FabricClassificationModel model = SmallModels.classifier(Network.mlp(2048), null);
    Dataset<Row> rows = SmallModels.rows(spark, 2000).cache();
    Vector features = Vectors.dense(1, 2, 3, 4);
    run(model, rows, features, 15);
    long before = nativeBytes();
    run(model, rows, features, 60);
    assertThat(nativeBytes() - before).isLessThan(MOST_BYTES);
  }

  /** Each transform computes 16 MB of activations, on top of what each row takes. */
  private static void run(
      FabricClassificationModel model, Dataset<Row> rows, Vector features, int times) {
    for (int i = 0; i < times; i++) {
      model.transform(rows).foreachPartition(DRAIN);
      for (int j = 0; j < 50; j++) {
        model.predictRaw(features);
      }
    }
  }

  /** Returns the process's memory without the heap that Java has taken so far. */
  private static long nativeBytes() throws IOException {
    System.gc();
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
    return Long.parseLong(pages) * 4096 - Runtime.getRuntime().totalMemory();
  }
}

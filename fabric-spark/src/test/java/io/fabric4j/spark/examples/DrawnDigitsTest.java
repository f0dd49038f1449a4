package io.fabric4j.spark.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

class DrawnDigitsTest {
  private static final int SIZE = 1203;

  @Test
  void rowsAndDatasetAreTheSameDigits() throws Exception {
    try (SparkSession spark =
            SparkSession.builder()
                .master("local[2]")
                .config("spark.ui.enabled", "false")
                .getOrCreate();
        NDManager manager = NDManager.newBaseManager()) {
      List<Row> rows = DrawnDigits.rows(spark, SIZE, 7).collectAsList();

      RandomAccessDataset dataset = DrawnDigits.dataset(manager, SIZE, 7);
      assertThat(rows).hasSize(SIZE);
      for (int i : new int[] {0, 1, 601, SIZE - 1}) {
        double[] gray = rows.get(i).<Vector>getAs(DrawnDigits.FEATURES).toArray();
        float[] pixels = dataset.get(manager, i).getData().singletonOrThrow().toFloatArray();
        assertThat(gray)
            .hasSize(784)
            .containsExactly(IntStream.range(0, 784).mapToDouble(j -> pixels[j]).toArray());
        assertThat(rows.get(i).<Long>getAs(DrawnDigits.LABEL))
            .isEqualTo(StrokeDigits.digit(7, i))
            .isEqualTo(dataset.get(manager, i).getLabels().singletonOrThrow().getLong());
      }
    }
  }
}

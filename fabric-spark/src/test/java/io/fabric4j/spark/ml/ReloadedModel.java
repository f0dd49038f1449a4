package io.fabric4j.spark.ml;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Predicts in a process of its own with a pipeline that another one saved. */
final class ReloadedModel {

  private ReloadedModel() {}

  /**
   * Runs.
   *
   * @param arguments path of the pipeline, and the file to write predictions to
   */
  public static void main(String[] arguments) throws IOException {
    try (SparkSession spark = SmallModels.session()) {
      Files.write(Path.of(arguments[1]), predictions(PipelineModel.load(arguments[0]), spark));
    }
  }

  /** Returns a line for each row of a table, with every bit of its predictions. */
  static List<String> predictions(PipelineModel model, SparkSession spark) {
    Dataset<Row> predicted = model.transform(SmallModels.rows(spark, 50));
    TreeMap<Integer, String> lines = new TreeMap<>();
    for (Row row : predicted.collectAsList()) {
      lines.put(row.getInt(0), row.mkString(" "));
    }
    return List.copyOf(lines.values());
  }
}

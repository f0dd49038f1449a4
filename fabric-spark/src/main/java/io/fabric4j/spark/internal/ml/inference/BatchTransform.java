package io.fabric4j.spark.internal.ml.inference;

import java.util.Arrays;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Adds predictions to a DataFrame, without running a job. */
public final class BatchTransform {

  private BatchTransform() {}

  /**
   * Returns the rows with more columns.
   *
   * @param schema of the result: the dataset's columns, then the inference's
   * @throws IllegalArgumentException if a column is not what the network was trained on
   */
  public static Dataset<Row> apply(
      Dataset<?> dataset, StructType schema, ServedNetwork network, Inference inference) {
    InputTypes.check(inference.inputs(), dataset.schema());
    int[] fields =
        inference.inputs().stream()
            .mapToInt(input -> dataset.schema().fieldIndex(input.name()))
            .toArray();
    PredictPartition function =
        new PredictPartition(
            network.id(),
            network.broadcast(dataset.sparkSession().sparkContext()),
            inference,
            fields);
    return describe(dataset.toDF().mapPartitions(function, Encoders.row(schema)), schema);
  }

  /** An encoder of rows loses what the columns' metadata say, such as names of labels. */
  private static Dataset<Row> describe(Dataset<Row> rows, StructType schema) {
    if (Arrays.stream(schema.fields())
        .allMatch(field -> field.metadata().equals(Metadata.empty()))) {
      return rows;
    }
    return rows.select(
        Arrays.stream(schema.fields()).map(field -> column(rows, field)).toArray(Column[]::new));
  }

  private static Column column(Dataset<Row> rows, StructField field) {
    Column column = rows.col('`' + field.name().replace("`", "``") + '`');
    return field.metadata().equals(Metadata.empty())
        ? column
        : column.as(field.name(), field.metadata());
  }
}

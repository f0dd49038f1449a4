package io.fabric4j.spark.internal.data;

import java.util.Arrays;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.execution.ColumnarToRowExec;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.execution.SQLExecutionRDD;
import org.apache.spark.sql.execution.WholeStageCodegenExec;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.vectorized.ColumnarBatch;

/**
 * Rows of a DataFrame in Spark's own form: turning them into {@link Row} takes longer than reading
 * them. A row may change when the next one is asked for.
 */
final class InternalRows {

  private InternalRows() {}

  /** Returns the DataFrame's rows, in its own partitions. */
  static RDD<InternalRow> of(Dataset<Row> rows) {
    QueryExecution execution = rows.queryExecution();
    StructField[] columns = rows.schema().fields();
    if (execution.executedPlan() instanceof WholeStageCodegenExec stage
        && stage.child() instanceof ColumnarToRowExec toRows
        && Arrays.stream(columns)
            .allMatch(column -> ScalarField.of(column.dataType()).isPresent())) {
      ScalarField[] fields =
          Arrays.stream(columns)
              .map(column -> ScalarField.of(column.dataType()).get())
              .toArray(ScalarField[]::new);
      JavaRDD<ColumnarBatch> batches = toRows.child().executeColumnar().toJavaRDD();
      return new SQLExecutionRDD(
          batches.<InternalRow>mapPartitions(part -> new TransposedRows(part, fields)).rdd(),
          execution.sparkSession().sessionState().conf());
    }
    return execution.toRdd();
  }
}

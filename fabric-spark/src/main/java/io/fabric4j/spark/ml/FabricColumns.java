package io.fabric4j.spark.ml;

import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns that a model of several outputs adds, told from the estimator's params. */
final class FabricColumns {

  private FabricColumns() {}

  /**
   * Returns the schema with the model's columns, in its order: predictions, then outputs.
   *
   * @param losses of the labels by name
   */
  static StructType outputSchema(FabricEstimator stage, StructType schema, List<String> losses) {
    StructType result = schema;
    String[] labels = stage.getLabelCols();
    String[] predictions = stage.getPredictionCols();
    for (int i = 0; i < predictions.length; i++) {
      boolean vector =
          i < labels.length
              && !losses.get(i).equals("cross_entropy")
              && isVector(schema.apply(labels[i]).dataType());
      result =
          add(result, predictions[i], vector ? SQLDataTypes.VectorType() : DataTypes.DoubleType);
    }
    for (String output : stage.getOutputCols()) {
      result = add(result, output, SQLDataTypes.VectorType());
    }
    return result;
  }

  private static boolean isVector(DataType type) {
    return type.equals(SQLDataTypes.VectorType()) || type.typeName().equals("array");
  }

  private static StructType add(StructType schema, String name, DataType type) {
    if (name.isEmpty()) {
      return schema;
    }
    if (List.of(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "The output column '" + name + "' exists already. Choose another name.");
    }
    return schema.add(name, type, false);
  }
}

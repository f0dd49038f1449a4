package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.inference.OutputColumns;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.linalg.DenseVector;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;

/**
 * Columns of predictions and values of any outputs.
 *
 * @param columns that are added, in their order
 */
record ValueColumns(List<Column> columns) implements OutputColumns {

  /** What a column holds. */
  enum Kind {
    /** The values as a vector. */
    VALUES,
    /** The only value. */
    VALUE,
    /** The number of the highest value. */
    CLASS;

    DataType dataType() {
      return this == VALUES ? SQLDataTypes.VectorType() : DataTypes.DoubleType;
    }
  }

  /**
   * A column.
   *
   * @param output number of the network's output
   * @param values that the output has per row
   */
  record Column(String name, Kind kind, int output, int values) implements Serializable {

    /** Returns the column of an output's prediction. */
    static Column prediction(String name, int output, OutputColumn signature) {
      Kind kind =
          signature.kind() == OutputColumn.Kind.CLASSES
              ? Kind.CLASS
              : signature.size() == 1 ? Kind.VALUE : Kind.VALUES;
      return new Column(name, kind, output, signature.size());
    }

    private Object of(float[] outputs, int row) {
      double[] own = new double[values];
      for (int i = 0; i < values; i++) {
        own[i] = outputs[row * values + i];
      }
      return switch (kind) {
        case VALUES -> new DenseVector(own);
        case VALUE -> own[0];
        case CLASS -> ClassScores.best(own);
      };
    }
  }

  @Override
  public int size() {
    return columns.size();
  }

  @Override
  public void write(float[][] outputs, int row, Object[] target, int position) {
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      target[position + i] = column.of(outputs[column.output()], row);
    }
  }
}

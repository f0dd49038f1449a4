package io.fabric4j.spark.ml;

import io.fabric4j.spark.internal.ml.inference.OutputColumns;
import java.util.List;
import org.apache.spark.ml.linalg.DenseVector;

/**
 * The columns of a classifier's predictions.
 *
 * @param columns that are added, in their order
 * @param classes number of classes
 * @param thresholds one for each class, or none
 */
record ClassificationColumns(List<Kind> columns, int classes, List<Double> thresholds)
    implements OutputColumns {

  /** What a column holds. */
  enum Kind {
    RAW,
    PROBABILITY,
    PREDICTION
  }

  @Override
  public int size() {
    return columns.size();
  }

  @Override
  public void write(float[][] outputs, int row, Object[] target, int position) {
    double[] raw = new double[classes];
    for (int i = 0; i < classes; i++) {
      raw[i] = outputs[0][row * classes + i];
    }
    double[] probability = null;
    if (!thresholds.isEmpty() || columns.contains(Kind.PROBABILITY)) {
      probability = raw.clone();
      ClassScores.softmax(probability);
    }
    for (int i = 0; i < columns.size(); i++) {
      target[position + i] =
          switch (columns.get(i)) {
            case RAW -> new DenseVector(raw);
            case PROBABILITY -> new DenseVector(probability);
            case PREDICTION -> prediction(raw, probability);
          };
    }
  }

  private double prediction(double[] raw, double[] probability) {
    return thresholds.isEmpty()
        ? ClassScores.best(raw)
        : ClassScores.best(
            probability, thresholds.stream().mapToDouble(Double::doubleValue).toArray());
  }
}

package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is measured on validation rows beside the loss, as means over the rows. */
final class Measures {
  static final String ACCURACY = "accuracy";
  private static final String RMSE = "rmse";
  private static final String MAE = "mae";

  private final List<Measure> measures = new ArrayList<>();

  /**
   * A measure of one label.
   *
   * @param name in the history
   */
  private record Measure(String name, String kind, int label) {}

  Measures(FitPlan plan) {
    List<FitPlan.Label> labels = plan.columns().labels();
    for (String kind : plan.training().metrics()) {
      for (int i = 0; i < labels.size(); i++) {
        if (labels.get(i).loss().isOfClasses() == kind.equals(ACCURACY)) {
          String name = labels.size() == 1 ? kind : labels.get(i).name() + "_" + kind;
          measures.add(new Measure(name, kind, i));
        }
      }
    }
  }

  int size() {
    return measures.size();
  }

  /** Returns a measure for each row: shape (rows). */
  NDArray ofRows(int measure, NDList labels, NDList outputs) {
    Measure chosen = measures.get(measure);
    NDArray label = labels.get(chosen.label());
    NDArray output = outputs.get(chosen.label());
    return switch (chosen.kind()) {
      case ACCURACY ->
          output
              .argMax(1)
              .eq(label.toType(DataType.INT64, false).reshape(-1))
              .toType(DataType.FLOAT32, false);
      case MAE -> LabelLoss.MAE.ofRows(label, output);
      default -> LabelLoss.MSE.ofRows(label, output);
    };
  }

  /** Returns the measures by name, given their means over all rows. */
  Map<String, Double> named(double[] means) {
    Map<String, Double> result = new LinkedHashMap<>();
    for (int i = 0; i < means.length; i++) {
      Measure measure = measures.get(i);
      result.put(measure.name(), measure.kind().equals(RMSE) ? Math.sqrt(means[i]) : means[i]);
    }
    return result;
  }
}

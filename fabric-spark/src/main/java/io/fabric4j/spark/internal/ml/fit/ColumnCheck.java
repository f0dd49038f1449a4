package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.Fabric;
import io.fabric4j.distributed.ReduceOp;
import java.util.ArrayList;
import java.util.List;

/** Finds numbers of classes and categories, and values that cannot be any. */
final class ColumnCheck {
  private static final int MOST = 1 << 24;

  private final FitPlan.Columns columns;
  private final List<Count> counts = new ArrayList<>();

  /**
   * A column whose values are the numbers of something.
   *
   * @param what they are called
   * @param position in the result
   * @param known number of them, or {@link FitPlan#UNKNOWN}
   */
  private record Count(String column, String what, int position, int known) {}

  /** The largest value of each column so far. */
  private final double[] largest;

  ColumnCheck(FitPlan.Columns columns) {
    this.columns = columns;
    int position = 0;
    for (FitPlan.In input : columns.inputs()) {
      if (input.categories() != 0) {
        counts.add(new Count(input.name(), "category", position, input.categories()));
      }
      position++;
    }
    for (FitPlan.Label label : columns.labels()) {
      if (label.loss().isOfClasses()) {
        counts.add(new Count(label.name(), "class", position, label.classes()));
      }
      position++;
    }
    largest = new double[counts.size()];
  }

  /** Returns the columns to look at. */
  List<String> names() {
    List<String> names = new ArrayList<>(counts.stream().map(Count::column).toList());
    if (columns.weight() != null) {
      names.add(columns.weight());
    }
    return names;
  }

  /** Looks at rows of {@link #names}, in that order. */
  void accept(NDList data) {
    for (int i = 0; i < counts.size(); i++) {
      largest[i] = Math.max(largest[i], check(counts.get(i), numbers(data.get(i))));
    }
    if (columns.weight() != null) {
      NDArray weights = numbers(data.get(counts.size()));
      double least = weights.min().getDouble();
      if (!(least >= 0) || Double.isInfinite(weights.max().getDouble())) {
        throw new IllegalArgumentException(
            "Column '"
                + columns.weight()
                + "' has the weight "
                + (least >= 0 ? weights.max().getDouble() : least)
                + ". Weights are finite numbers from 0 on.");
      }
    }
  }

  private static NDArray numbers(NDArray array) {
    return array.toType(DataType.FLOAT64, false);
  }

  private static double check(Count count, NDArray values) {
    NDArray wrong = values.floor().neq(values).logicalOr(values.lt(0)).logicalOr(values.gte(MOST));
    if (wrong.any().getBoolean()) {
      double first = values.get(wrong.reshape(values.getShape())).toDoubleArray()[0];
      throw new IllegalArgumentException(
          "Column '"
              + count.column()
              + "' has the value "
              + first
              + ", which is no "
              + count.what()
              + ": those are numbered 0, 1, 2 and so on"
              + (first >= MOST ? ", up to " + (MOST - 1) : "")
              + ". Number them with a StringIndexer first, or predict quantities with a regressor.");
    }
    double most = values.max().getDouble();
    if (count.known() > 0 && most >= count.known()) {
      throw new IllegalArgumentException(
          "Column '"
              + count.column()
              + "' has the value "
              + most
              + ", but its metadata speak of "
              + count.known()
              + " values, 0 to "
              + (count.known() - 1)
              + ". Index the column anew, or drop its metadata.");
    }
    return most;
  }

  /**
   * Returns the numbers of categories of each input, then of classes of each label; 0 for
   * quantities. Collective.
   */
  int[] agree(Fabric fabric) {
    int[] result = new int[columns.inputs().size() + columns.labels().size()];
    double[] all = counts.isEmpty() ? largest : fabric.allReduce(largest.clone(), ReduceOp.MAX);
    for (int i = 0; i < counts.size(); i++) {
      Count count = counts.get(i);
      int least = count.what().equals("class") ? 2 : 1;
      result[count.position()] =
          count.known() > 0 ? count.known() : Math.max(least, (int) all[i] + 1);
    }
    return result;
  }
}

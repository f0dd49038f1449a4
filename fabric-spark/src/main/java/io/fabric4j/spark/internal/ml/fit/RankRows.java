package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.dataset.RandomAccessDataset;
import io.fabric4j.Fabric;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.spark.Shard;
import io.fabric4j.spark.ml.InputColumn;
import io.fabric4j.spark.ml.NetworkSignature;
import io.fabric4j.spark.ml.OutputColumn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** The rows of a rank, parted into those to train on and those to validate on, and checked. */
final class RankRows {
  private final FitPlan.Columns columns;
  private final Shard shard;
  private final NetworkSignature signature;
  private final RandomAccessDataset train;
  private final RandomAccessDataset validation;
  private final long[] totals;

  private RankRows(Fabric fabric, Shard shard, FitPlan plan) {
    this.shard = shard;
    columns = plan.columns();
    requireRows(shard);
    ColumnCheck check = new ColumnCheck(columns);
    boolean[] validated = new boolean[Math.toIntExact(shard.rows())];
    scan(fabric, check, validated);
    signature = signature(check.agree(fabric));
    RandomAccessDataset all = shard.dataset(columns.inputNames(), targets());
    train = columns.validation() == null ? all : new RowSubset(all, positions(validated, false));
    validation =
        columns.validation() == null ? null : new RowSubset(all, positions(validated, true));
    long[] own = {train.size(), validation == null ? 0 : validation.size()};
    totals = fabric.allReduce(own, ReduceOp.SUM);
    requireBoth();
  }

  /** Reads what all rows of all ranks tell. Collective. */
  static RankRows of(Fabric fabric, Shard shard, FitPlan plan) {
    return new RankRows(fabric, shard, plan);
  }

  private static void requireRows(Shard shard) {
    if (shard.columns().isEmpty()) {
      throw new IllegalArgumentException(
          "There are no rows to train on"
              + (shard.skippedRows() > 0 ? ": all were skipped as invalid" : "")
              + ". Look at the DataFrame that fit got.");
    }
  }

  private void requireBoth() {
    if (totals[0] == 0) {
      throw new IllegalArgumentException(
          "There are no rows to train on: all "
              + totals[1]
              + " are for validation. Let '"
              + columns.validation()
              + "' be false in some.");
    }
    if (validation != null && totals[1] == 0) {
      throw new IllegalArgumentException(
          "There are no rows to validate on among "
              + totals[0]
              + ". Let the validationIndicatorCol be true in some, raise validationFraction, or"
              + " leave both out.");
    }
  }

  /** Labels, and the weight behind them. */
  private List<String> targets() {
    List<String> names = new ArrayList<>(columns.labelNames());
    if (columns.weight() != null) {
      names.add(columns.weight());
    }
    return names;
  }

  private void scan(Fabric fabric, ColumnCheck check, boolean[] validated) {
    List<String> narrow = check.names();
    if (columns.validation() != null) {
      narrow.add(columns.validation());
    }
    if (narrow.isEmpty()) {
      return;
    }
    RandomAccessDataset rows = shard.dataset(narrow, List.of());
    int[] position = new int[1];
    RowScan.run(
        rows,
        Long.MAX_VALUE,
        fabric.manager(),
        batch -> {
          NDList data = batch.getData();
          check.accept(data);
          if (columns.validation() != null) {
            copyTruths(data.get(data.size() - 1), validated, position[0]);
          }
          position[0] += batch.getSize();
        });
  }

  private static void copyTruths(NDArray array, boolean[] target, int position) {
    boolean[] truths = array.toType(DataType.BOOLEAN, false).toBooleanArray();
    System.arraycopy(truths, 0, target, position, truths.length);
  }

  private static long[] positions(boolean[] validated, boolean wanted) {
    return LongStream.range(0, validated.length)
        .filter(i -> validated[(int) i] == wanted)
        .toArray();
  }

  private NetworkSignature signature(int[] counts) {
    List<InputColumn> inputs = new ArrayList<>();
    for (int i = 0; i < columns.inputs().size(); i++) {
      String name = columns.inputs().get(i).name();
      List<Long> shape = Arrays.stream(shard.shape(name).getShape()).boxed().toList();
      inputs.add(new InputColumn(name, shard.dataType(name), shape, counts[i]));
    }
    List<OutputColumn> outputs = new ArrayList<>();
    for (int i = 0; i < columns.labels().size(); i++) {
      FitPlan.Label label = columns.labels().get(i);
      boolean classes = label.loss().isOfClasses();
      outputs.add(
          new OutputColumn(
              label.name(),
              classes ? OutputColumn.Kind.CLASSES : OutputColumn.Kind.VALUES,
              classes
                  ? counts[inputs.size() + i]
                  : Math.toIntExact(shard.shape(label.name()).size())));
    }
    return new NetworkSignature(inputs, outputs);
  }

  NetworkSignature signature() {
    return signature;
  }

  RandomAccessDataset train() {
    return train;
  }

  /** Returns the rows to validate on; null if there are none on any rank. */
  RandomAccessDataset validation() {
    return validation;
  }

  /** Returns the number of rows of all ranks to train on. */
  long trainRows() {
    return totals[0];
  }

  long validationRows() {
    return totals[1];
  }
}

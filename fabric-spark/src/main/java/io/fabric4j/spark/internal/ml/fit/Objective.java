package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.distributed.ReduceOp;
import java.util.List;

/** The loss of a batch. */
final class Objective {
  private final Fabric fabric;
  private final FitPlan plan;
  private final List<FitPlan.Label> labels;
  private final double[] units;

  /**
   * Prepares the losses.
   *
   * @param units by what the gradients of each label are divided
   */
  Objective(Fabric fabric, FitPlan plan, double[] units) {
    this.fabric = fabric;
    this.plan = plan;
    this.units = units;
    labels = plan.columns().labels();
  }

  /** Returns the labels of a batch, without the weights. */
  NDList labels(FabricBatch batch) {
    return batch.getLabels().subNDList(0, labels.size());
  }

  /** Returns the weights of a batch's rows, or null if they all weigh 1. */
  NDArray weights(FabricBatch batch) {
    return plan.columns().weight() == null
        ? null
        : batch.getLabels().get(labels.size()).toType(DataType.FLOAT32, false);
  }

  /** Returns the loss of each row, in the units of the labels: shape (rows). */
  NDArray ofRows(NDList targets, NDList outputs) {
    return ofRows(targets, outputs, new double[] {1});
  }

  /** Returns the loss of each row whose gradient is followed: shape (rows). */
  NDArray toFollow(NDList targets, NDList outputs) {
    return ofRows(targets, outputs, units);
  }

  private NDArray ofRows(NDList targets, NDList outputs, double[] divisors) {
    if (plan.loss() != null) {
      return plan.loss().evaluate(targets, outputs);
    }
    NDArray sum = null;
    for (int i = 0; i < labels.size(); i++) {
      NDArray loss = labels.get(i).loss().ofRows(targets.get(i), outputs.get(i));
      double divisor = divisors[i % divisors.length];
      loss = divisor == 1 ? loss : loss.div(divisor);
      sum = sum == null ? loss : sum.add(loss);
    }
    return sum;
  }

  /** Returns whether both losses are the same. */
  boolean isFollowed() {
    for (double unit : units) {
      if (unit != 1) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the loss of this rank, such that the mean over the ranks, each with its share of the
   * rows, is the weighted mean over the global batch. Collective if rows have weights.
   *
   * @param weights of the rows, or null
   * @param sum of this rank's weights
   */
  NDArray mean(FabricBatch batch, NDArray rows, NDArray weights, double sum) {
    if (weights == null) {
      return rows.mean();
    }
    double global =
        fabric.worldSize() == 1 ? sum : fabric.allReduce(new double[] {sum}, ReduceOp.SUM)[0];
    double factor = global * batch.weight();
    return rows.mul(weights).sum().mul(factor > 0 ? 1 / factor : 0);
  }
}

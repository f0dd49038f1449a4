package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.GradMode;

/** Adds the losses of an epoch up, on the device: reading each would wait for a GPU. */
final class EpochSums implements AutoCloseable {
  private final Fabric fabric;
  private final Objective objective;
  private final NDArray loss;
  private double weight;
  private double rows;

  EpochSums(Fabric fabric, Objective objective) {
    this.fabric = fabric;
    this.objective = objective;
    loss = fabric.manager().zeros(new Shape(), DataType.FLOAT64);
  }

  /**
   * Adds a batch.
   *
   * @param weightSum of its rows
   */
  void add(long count, double weightSum, FitLoop.Rows batch) {
    try (GradMode mode = GradMode.disabled()) {
      NDArray own =
          objective.isFollowed()
              ? batch.followed()
              : objective.ofRows(batch.labels(), batch.outputs());
      loss.addi((batch.weights() == null ? own : own.mul(batch.weights())).sum());
    }
    weight += weightSum;
    rows += count;
  }

  /** Returns the mean loss over the rows of all ranks, and their number. Collective. */
  double[] total() {
    double[] sums = {loss.getDouble(), weight, rows};
    double[] all = fabric.worldSize() == 1 ? sums : fabric.allReduce(sums, ReduceOp.SUM);
    return new double[] {all[1] > 0 ? all[0] / all[1] : 0, all[2]};
  }

  @Override
  public void close() {
    loss.close();
  }
}

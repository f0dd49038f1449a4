package io.fabric4j.spark.internal.ml.fit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.FabricBlock;
import io.fabric4j.FabricDataLoader;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.GradMode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measures a block on the validation rows of all ranks. */
final class Validation {
  private final Fabric fabric;
  private final FabricBlock block;
  private final Objective objective;
  private final Measures measures;

  Validation(Fabric fabric, FabricBlock block, Objective objective, Measures measures) {
    this.fabric = fabric;
    this.block = block;
    this.objective = objective;
    this.measures = measures;
  }

  /** Returns the loss and the other measures, weighted means over the rows. Collective. */
  Map<String, Double> run(FabricDataLoader rows) {
    double[] sums = sums(rows);
    double[] all = fabric.worldSize() == 1 ? sums : fabric.allReduce(sums, ReduceOp.SUM);
    double weight = all[all.length - 1];
    double[] means =
        Arrays.stream(all, 0, all.length - 1).map(sum -> weight > 0 ? sum / weight : 0).toArray();
    Map<String, Double> result = new LinkedHashMap<>();
    result.put(History.LOSS, means[0]);
    result.putAll(measures.named(Arrays.copyOfRange(means, 1, means.length)));
    return result;
  }

  /** Returns the sums of loss, measures and weights. */
  private double[] sums(FabricDataLoader rows) {
    double weight = 0;
    try (NDManager scratch = fabric.manager().newSubManager();
        GradMode mode = GradMode.disabled()) {
      NDArray[] sums = new NDArray[1 + measures.size()];
      Arrays.setAll(sums, i -> scratch.zeros(new Shape(), DataType.FLOAT64));
      for (FabricBatch batch : rows) {
        if (batch.isFiller()) {
          continue;
        }
        NDList outputs = block.evaluate(batch.getData());
        NDList labels = objective.labels(batch);
        NDArray weights = objective.weights(batch);
        sums[0].addi(sum(objective.ofRows(labels, outputs), weights));
        for (int i = 0; i < measures.size(); i++) {
          sums[1 + i].addi(sum(measures.ofRows(i, labels, outputs), weights));
        }
        weight += weights == null ? batch.getSize() : weights.sum().getFloat();
      }
      double[] result = new double[sums.length + 1];
      for (int i = 0; i < sums.length; i++) {
        result[i] = sums[i].getDouble();
      }
      result[sums.length] = weight;
      return result;
    }
  }

  private static NDArray sum(NDArray rows, NDArray weights) {
    return (weights == null ? rows : rows.mul(weights)).sum();
  }
}

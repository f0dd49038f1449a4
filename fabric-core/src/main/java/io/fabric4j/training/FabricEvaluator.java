package io.fabric4j.training;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.evaluator.Evaluator;
import io.fabric4j.Fabric;
import io.fabric4j.FabricBatch;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.GradMode;

/**
 * Computes a DJL evaluator, a {@link ai.djl.training.loss.Loss} included, over the rows of all
 * ranks. Each row counts equally, whatever batch or rank it is in; DJL's own accumulator of a loss
 * counts batches equally. Use it on the thread of its rank.
 *
 * <pre>{@code
 * FabricEvaluator accuracy = new FabricEvaluator(new Accuracy());
 * for (FabricBatch batch : validation) {
 *   accuracy.update(batch, block.evaluate(batch.getData()));
 * }
 * fabric.print(accuracy.compute(fabric));
 * }</pre>
 */
public final class FabricEvaluator {
  private static final String KEY = "fabric";

  private final Evaluator evaluator;
  private double sum;
  private long rows;

  /**
   * Wraps an evaluator.
   *
   * @param evaluator its value for a batch must be a mean over the rows
   */
  public FabricEvaluator(Evaluator evaluator) {
    this.evaluator = requireNonNull(evaluator, "evaluator is null");
    evaluator.addAccumulator(KEY);
  }

  /** Returns the evaluator's name. */
  public String name() {
    return evaluator.getName();
  }

  /**
   * Adds the rows of a batch; a filler adds none. Ranks may call it independently.
   *
   * @param predictions the block's outputs for the batch
   */
  public void update(FabricBatch batch, NDList predictions) {
    if (!batch.isFiller()) {
      update(batch.getLabels(), predictions);
    }
  }

  /**
   * Adds the rows of labels and predictions. Ranks may call it independently.
   *
   * @param labels arrays of shape {@code (rows, ...)}
   * @param predictions as the evaluator expects them
   * @throws IllegalArgumentException if the first of the labels has no rows' axis
   */
  public void update(NDList labels, NDList predictions) {
    Shape shape = labels.head().getShape();
    if (shape.dimension() == 0) {
      throw new IllegalArgumentException(
          "The labels of evaluator "
              + name()
              + " have shape "
              + shape
              + ": the first axis must be that of the rows. Add one with expandDims(0).");
    }
    if (shape.get(0) == 0) {
      return;
    }
    evaluator.resetAccumulator(KEY);
    try (GradMode mode = GradMode.disabled()) {
      evaluator.updateAccumulator(KEY, labels, predictions);
    }
    sum += (double) evaluator.getAccumulator(KEY) * shape.get(0);
    rows += shape.get(0);
  }

  /**
   * Returns the mean over the rows of all ranks since the last reset, NaN without rows; the same on
   * every rank. Every rank must call this, in the same order among its collectives; blocks until
   * all do. A misuse is {@code if (fabric.isGlobalZero()) accuracy.compute(fabric)}.
   *
   * @throws io.fabric4j.distributed.ProcessGroupException if a rank does not join
   */
  public double compute(Fabric fabric) {
    try (NDArray totals = fabric.manager().create(new double[] {sum, rows})) {
      fabric.processGroup().allReduce(totals, ReduceOp.SUM).waitFor();
      double[] values = totals.toDoubleArray();
      return values[0] / values[1];
    }
  }

  /** Forgets all rows. */
  public void reset() {
    sum = 0;
    rows = 0;
  }
}

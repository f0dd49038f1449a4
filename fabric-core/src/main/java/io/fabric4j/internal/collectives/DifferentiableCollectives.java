package io.fabric4j.internal.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.distributed.ReduceOp;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.GradientEditor;

/**
 * Collectives within the graph: backward sums the gradients of their results over the ranks, as if
 * the loss were the sum of the ranks' losses. Every rank must call each method in the same order,
 * and must run backward through the results of the same calls.
 *
 * <p>An exception in a backward pass cannot pass through native code: it ends the group and is
 * thrown by {@link #throwFailure}, which each method calls first. This object has to stay open
 * until the last backward has ended.
 */
public final class DifferentiableCollectives implements AutoCloseable {
  private final ProcessGroup group;
  private final GradientEditor sums = new GradientEditor(this::sum);
  private volatile Throwable failure;
  private boolean used;

  public DifferentiableCollectives(ProcessGroup group) {
    this.group = group;
  }

  /**
   * Returns the sum of the ranks' arrays.
   *
   * @param array shape {@code (...)} and data type equal on all ranks
   * @return a new array of the input's manager and shape
   */
  public NDArray allReduceSum(NDArray array) {
    throwFailure();
    used = true;
    NDArray sum = Autograd.copy(array);
    group.allReduce(sum, ReduceOp.SUM).waitFor();
    sums.watch(sum);
    return sum;
  }

  /**
   * Returns the ranks' arrays in one.
   *
   * @param array shape {@code (...)} and data type equal on all ranks
   * @return a new array of the input's manager, shape {@code (worldSize, ...)}
   */
  public NDArray allGather(NDArray array) {
    throwFailure();
    used = true;
    NDArray row = array.expandDims(0);
    NDList rows = new NDList();
    for (int rank = 0; rank < group.size(); rank++) {
      rows.add(rank == group.rank() ? row : row.stopGradient());
    }
    // Of one array, DJL's concat makes a copy outside the graph.
    NDArray all = rows.size() == 1 ? Autograd.copy(row) : NDArrays.concat(rows);
    try (NDArray input = ArrayGather.dense(array)) {
      group.allGather(all, input).waitFor();
    }
    sums.watch(all);
    return all;
  }

  /** Returns whether a graph may contain a collective, so that no rank may leave backward out. */
  public boolean isUsed() {
    return used;
  }

  private void sum(NDArray gradient) {
    if (failure != null) {
      return;
    }
    try {
      group.allReduce(gradient, ReduceOp.SUM).waitFor();
    } catch (RuntimeException | Error e) {
      failure = e;
      group.abort(e);
    }
  }

  /** Throws what went wrong in a backward pass, if anything did. To be called after backward. */
  public void throwFailure() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
  }

  @Override
  public void close() {
    sums.close();
  }
}

package io.fabric4j.strategies;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.BucketSum;
import io.fabric4j.internal.parameters.Reducer;

/**
 * Distributed data parallel: every rank holds the whole model, starts from rank 0's parameters, and
 * after each backward all ranks have the gradient of the mean loss over the global batch's rows.
 *
 * <p>Each rank's gradient is scaled by its share of the rows and summed in rank order, in fixed
 * buckets of 25 MiB, the first of 1 MiB. A parameter that no rank's backward reached keeps no
 * gradient and is not updated; no option is needed for it. Running statistics follow the first rank
 * that has rows in the step, usually rank 0.
 */
public final class DDPStrategy implements Strategy {
  private static final long serialVersionUID = 1;

  private final boolean overlap;

  /**
   * Sums gradients while backward computes the others, where that pays: between hosts and on GPUs.
   * Ranks of one host that compute on its CPUs have no core to spare for it.
   */
  public DDPStrategy() {
    this(true);
  }

  private DDPStrategy(boolean overlap) {
    this.overlap = overlap;
  }

  /**
   * Returns a strategy that sums gradients once backward has ended. The values are the same; it
   * shows what overlapping is worth.
   */
  public static DDPStrategy withoutOverlap() {
    return new DDPStrategy(false);
  }

  @Override
  public String name() {
    return "ddp";
  }

  @Override
  public GradientSynchronizer setup(FlatModel model, ProcessGroup group) {
    return new Reducer(
        model, group, new BucketSum(model, group, overlap && group.isAsynchronous()));
  }
}

package io.fabric4j.strategies;

import io.fabric4j.distributed.ProcessGroup;
import io.fabric4j.internal.parameters.BucketSum;
import io.fabric4j.internal.parameters.GradientSum;
import io.fabric4j.internal.parameters.Reducer;
import io.fabric4j.internal.parameters.ScatterSum;
import io.fabric4j.internal.parameters.ShardedSynchronizer;

/**
 * Data parallel with sharded optimizer state (Rajbhandari et al., "ZeRO: Memory Optimizations
 * Toward Training Trillion Parameter Models", 2020): every rank holds the whole model, but keeps
 * optimizer state for, and updates, only one of {@code worldSize} equal slices of the parameters;
 * the updated slices are then gathered. The training is that of {@link DDPStrategy}.
 *
 * <p>Stage 1 sums whole gradients on every rank, stage 2 only the slice a rank updates, which moves
 * as many bytes as ddp in all. After a reduction in stage 2 a parameter's gradient holds defined
 * values in this rank's slice only. Checkpoints are gathered and fit any number of ranks and any
 * strategy.
 */
public final class ZeroStrategy implements Strategy {
  private static final long serialVersionUID = 1;

  private final int stage;

  private ZeroStrategy(int stage) {
    this.stage = stage;
  }

  /** Returns the strategy that shards the optimizer's state. */
  public static ZeroStrategy stage1() {
    return new ZeroStrategy(1);
  }

  /** Returns the strategy that shards the optimizer's state and the sums of gradients. */
  public static ZeroStrategy stage2() {
    return new ZeroStrategy(2);
  }

  @Override
  public String name() {
    return "zero_stage_" + stage;
  }

  @Override
  public GradientSynchronizer setup(FlatModel model, ProcessGroup group) {
    if (stage == 2) {
      model.groups().forEach(flat -> flat.keepReduced(ShardedSynchronizer.slice(flat, group)));
    }
    GradientSum sum =
        stage == 2
            ? new ScatterSum(model, group)
            : new BucketSum(model, group, group.isAsynchronous());
    return new ShardedSynchronizer(new Reducer(model, group, sum), group);
  }
}

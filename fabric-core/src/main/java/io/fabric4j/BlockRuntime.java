package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.parameters.AccumulationWindow;
import io.fabric4j.internal.parameters.FlatParameters;
import io.fabric4j.internal.precision.ModuleTypes;
import io.fabric4j.internal.torch.MemoryLayout;
import io.fabric4j.nn.CollectiveBlock;
import io.fabric4j.optim.OptimizerConfig;
import io.fabric4j.strategies.GradientSynchronizer;
import java.util.ArrayList;
import java.util.List;

/** A block that was set up: its flat parameters, their synchronization and their optimizers. */
final class BlockRuntime implements AutoCloseable {
  private final Block block;
  private final RankContext context;
  private final List<FabricOptimizer> optimizers = new ArrayList<>();
  private final List<CollectiveBlock> collectiveBlocks = new ArrayList<>();
  private FlatParameters parameters;
  private GradientSynchronizer synchronizer;
  private AccumulationWindow window;
  private boolean accumulating;

  /** Flattens the block's parameters. Collective. */
  BlockRuntime(Block block, List<OptimizerConfig> configs, RankContext context) {
    this.block = block;
    this.context = context;
    bindCollectiveBlocks(block);
    build(configs);
  }

  private void bindCollectiveBlocks(Block parent) {
    if (parent instanceof CollectiveBlock collective) {
      collective.bind(context.group(), this::rows);
      collectiveBlocks.add(collective);
    }
    parent.getChildren().values().forEach(this::bindCollectiveBlocks);
  }

  private int rows() {
    BatchShare share = context.tracker().current();
    return share == null ? 1 : share.rows();
  }

  private void build(List<OptimizerConfig> configs) {
    ModuleTypes.convertBlock(block, context.precision().precision(), context.manager().getDevice());
    if (context.channelsLast()) {
      block.getParameters().values().stream()
          .filter(parameter -> parameter.isInitialized() && parameter.requiresGradient())
          .forEach(parameter -> MemoryLayout.toChannelsLast(parameter.getArray()));
    }
    parameters = FlatParameters.create(block, configs, context.manager(), context.group());
    synchronizer = context.strategy().setup(parameters, context.group());
    parameters.onGradient(context.guard()::onGradient);
    window = new AccumulationWindow(parameters);
    for (int i = 0; i < configs.size(); i++) {
      optimizers.add(new FabricOptimizer(configs.get(i), i, this));
    }
  }

  /** Gives optimizers to a block that was set up without. Collective. */
  void addOptimizers(List<OptimizerConfig> configs) {
    if (!optimizers.isEmpty()) {
      throw new IllegalStateException(
          "This block has "
              + optimizers.size()
              + " optimizers already. Pass all of them in one call of setupOptimizers, or to"
              + " setup.");
    }
    release();
    build(configs);
  }

  /** Runs before a training forward in which this rank has the given share. */
  void beforeForward(BatchShare share) {
    if (context.forwards().note(this)) {
      return;
    }
    parameters.checkUnchanged();
    if (!accumulating) {
      synchronizer.beforeForward(share == null ? 0 : share.firstRank());
    }
  }

  /**
   * Runs before a backward.
   *
   * @param alone whether it concerns no other block and communicates nothing itself
   */
  void beforeBackward(BatchShare share, boolean alone) {
    window.beforeBackward(share == null ? context.group().size() : share.globalRows());
    if (alone && !accumulating && window.isBalanced()) {
      synchronizer.beforeBackward();
    }
  }

  void afterBackward() {
    collectiveBlocks.forEach(CollectiveBlock::throwBackwardFailure);
    synchronize();
    optimizers.forEach(FabricOptimizer::afterBackward);
  }

  private void synchronize() {
    if (!accumulating) {
      window.finish();
      synchronizer.afterBackward();
    }
  }

  /** Zeroes the gradients of all parameters. */
  void zeroGradients() {
    parameters.zeroGradients();
    afterZeroGrad();
    optimizers.forEach(FabricOptimizer::forgetScale);
  }

  /** Starts a new accumulation window. */
  void afterZeroGrad() {
    window.reset();
    context.guard().reset();
  }

  /** Switches accumulation without synchronization and returns what it was. */
  boolean accumulate(boolean on) {
    boolean before = accumulating;
    accumulating = on;
    return before;
  }

  Block block() {
    return block;
  }

  RankContext context() {
    return context;
  }

  FlatParameters parameters() {
    return parameters;
  }

  GradientSynchronizer synchronizer() {
    return synchronizer;
  }

  List<FabricOptimizer> optimizers() {
    return optimizers;
  }

  /** Returns the running statistics that this rank's rows change, and not those of all ranks. */
  List<NDArray> ownBuffers() {
    List<NDArray> shared =
        collectiveBlocks.stream()
            .flatMap(collective -> ((Block) collective).getParameters().values().stream())
            .map(Parameter::getArray)
            .toList();
    return parameters.buffers().stream().filter(buffer -> !shared.contains(buffer)).toList();
  }

  /** Returns whether backward of this block calls collectives, so that no rank may leave it out. */
  boolean communicatesInBackward() {
    return !collectiveBlocks.isEmpty();
  }

  @Override
  public void close() {
    collectiveBlocks.forEach(CollectiveBlock::unbind);
    release();
  }

  private void release() {
    optimizers.forEach(FabricOptimizer::close);
    synchronizer.close();
    parameters.close();
  }
}

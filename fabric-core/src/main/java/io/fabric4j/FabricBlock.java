package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.parameters.FlatParameters;
import io.fabric4j.internal.parameters.KeptBuffers;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.strategies.GradientSynchronizer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A block after {@link Fabric#setup}: its parameters are flat, and its gradients follow the
 * strategy. Use it on the thread of its rank.
 */
public final class FabricBlock implements Stateful {
  private final Block block;
  private final FlatParameters parameters;
  private final GradientSynchronizer synchronizer;
  private final BatchTracker tracker;
  private final ParameterStore store;

  FabricBlock(
      Block block,
      FlatParameters parameters,
      GradientSynchronizer synchronizer,
      BatchTracker tracker,
      NDManager manager) {
    this.block = block;
    this.parameters = parameters;
    this.synchronizer = synchronizer;
    this.tracker = tracker;
    this.store = new ParameterStore(manager, false);
  }

  /**
   * Runs the block in training mode and records the graph for {@link Fabric#backward}. With a
   * distributed strategy every rank must call it equally often, followed by backward.
   *
   * @param inputs shapes as the block expects them, usually {@code (batch, ...)}
   * @return the outputs, owned by the inputs' manager
   * @throws IllegalStateException if a parameter was replaced or unfrozen since setup
   */
  public NDList forward(NDList inputs) {
    parameters.checkUnchanged();
    BatchShare share = tracker.current();
    synchronizer.beforeForward(share == null ? 0 : share.firstRank());
    GradMode.turnOn();
    if (share == null || share.rows() > 0) {
      return block.forward(store, inputs, true);
    }
    try (KeptBuffers kept = new KeptBuffers(parameters)) {
      return block.forward(store, inputs, true);
    }
  }

  /** Runs {@link #forward(NDList)} on one input and returns the only output. */
  public NDArray forward(NDArray input) {
    return forward(new NDList(input)).singletonOrThrow();
  }

  /**
   * Runs the block in inference mode, without recording a graph. Ranks may call it independently.
   *
   * @return the outputs, owned by the inputs' manager
   */
  public NDList evaluate(NDList inputs) {
    parameters.checkUnchanged();
    try (GradMode mode = GradMode.disabled()) {
      return block.forward(store, inputs, false);
    }
  }

  /** Runs {@link #evaluate(NDList)} on one input and returns the only output. */
  public NDArray evaluate(NDArray input) {
    return evaluate(new NDList(input)).singletonOrThrow();
  }

  /** Returns the block that was set up. */
  public Block unwrap() {
    return block;
  }

  FlatParameters parameters() {
    return parameters;
  }

  GradientSynchronizer synchronizer() {
    return synchronizer;
  }

  /** Returns all parameters and running statistics by their name in {@code getParameters()}. */
  @Override
  public Map<String, Object> stateDict() {
    return stateDict(block);
  }

  static Map<String, Object> stateDict(Block block) {
    Map<String, Object> state = new LinkedHashMap<>();
    for (Pair<String, Parameter> pair : block.getParameters()) {
      state.put(pair.getKey(), pair.getValue().getArray());
    }
    return state;
  }

  @Override
  public void loadStateDict(Map<String, Object> state) {
    loadStateDict(block, state);
  }

  static void loadStateDict(Block block, Map<String, Object> state) {
    StateCopy.copyInto(stateDict(block), state);
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.parameters.KeptBuffers;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.MemoryLayout;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.TreeSet;

/**
 * A block after {@link Fabric#setup}: its parameters are flat, and its gradients follow the
 * strategy. Use it on the thread of its rank.
 */
public final class FabricBlock implements Stateful {
  private static final String FORWARD = "forward";

  private final BlockRuntime runtime;
  private final ParameterStore store;
  private final Map<String, ForwardMethod> methods = new HashMap<>();

  FabricBlock(BlockRuntime runtime) {
    this.runtime = runtime;
    this.store = new ParameterStore(runtime.context().manager(), false);
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
    return train(Block::forward, inputs);
  }

  /** Runs {@link #forward(NDList)} on one input and returns the only output. */
  public NDArray forward(NDArray input) {
    return forward(new NDList(input)).singletonOrThrow();
  }

  /**
   * Runs a forward that was named with {@link #markForwardMethod}, as {@link #forward(NDList)}
   * does: with the precision's casts and the strategy's synchronization, on any number of devices.
   *
   * @throws java.util.NoSuchElementException if there is none of that name
   */
  public NDList forward(String name, NDList inputs) {
    return train(method(name), inputs);
  }

  private NDList train(ForwardMethod forward, NDList inputs) {
    BatchTracker tracker = runtime.context().tracker();
    BatchShare share = tracker.current();
    runtime.beforeForward(share);
    GradMode.turnOn();
    long begin = System.nanoTime();
    NDList outputs = train(forward, inputs, share);
    tracker.forwarded(begin);
    return outputs;
  }

  private NDList train(ForwardMethod forward, NDList inputs, BatchShare share) {
    if (share == null || share.rows() > 0) {
      return run(forward, inputs, true);
    }
    try (KeptBuffers kept = new KeptBuffers(runtime.ownBuffers())) {
      return run(forward, inputs, true);
    }
  }

  /**
   * Runs the block in inference mode, without recording a graph. Ranks may call it independently.
   *
   * @return the outputs, owned by the inputs' manager
   */
  public NDList evaluate(NDList inputs) {
    return infer(Block::forward, inputs);
  }

  /** Runs {@link #evaluate(NDList)} on one input and returns the only output. */
  public NDArray evaluate(NDArray input) {
    return evaluate(new NDList(input)).singletonOrThrow();
  }

  /** Runs a named forward in inference mode; see {@link #evaluate(NDList)}. */
  public NDList evaluate(String name, NDList inputs) {
    return infer(method(name), inputs);
  }

  private NDList infer(ForwardMethod forward, NDList inputs) {
    runtime.parameters().checkUnchanged();
    try (GradMode mode = GradMode.disabled()) {
      return run(forward, inputs, false);
    }
  }

  private NDList run(ForwardMethod forward, NDList inputs, boolean training) {
    RankContext context = runtime.context();
    NDList laidOut =
        context.channelsLast()
            ? new NDList(inputs.stream().map(MemoryLayout::channelsLast).toList())
            : inputs;
    return context
        .precision()
        .runForward(laidOut, cast -> forward.forward(runtime.block(), store, cast, training));
  }

  /**
   * Names an alternative forward, for {@link #forward(String, NDList)}.
   *
   * @throws IllegalArgumentException if the name is {@code forward}, which is the block's own
   */
  public void markForwardMethod(String name, ForwardMethod method) {
    if (name.equals(FORWARD)) {
      throw new IllegalArgumentException(
          "'forward' is the block's own forward and needs no mark. Choose another name.");
    }
    methods.put(name, Objects.requireNonNull(method, "method is null"));
  }

  private ForwardMethod method(String name) {
    ForwardMethod method = name.equals(FORWARD) ? Block::forward : methods.get(name);
    if (method == null) {
      throw new NoSuchElementException(
          "The block has no forward method '"
              + name
              + "'. Marked are "
              + new TreeSet<>(methods.keySet())
              + "; call markForwardMethod first.");
    }
    return method;
  }

  /**
   * Zeroes the gradients of all parameters, also of those that no optimizer updates; a parameter
   * then counts as without gradient until the next backward.
   */
  public void zeroGrad() {
    runtime.zeroGradients();
  }

  /** Returns the block that was set up. */
  public Block unwrap() {
    return runtime.block();
  }

  BlockRuntime runtime() {
    return runtime;
  }

  /** Returns all parameters and running statistics by their name in {@code getParameters()}. */
  @Override
  public Map<String, Object> stateDict() {
    return stateDict(unwrap());
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
    loadStateDict(unwrap(), state);
  }

  static void loadStateDict(Block block, Map<String, Object> state) {
    StateCopy.copyInto(stateDict(block), state);
  }
}

package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.parameters.FlatParameters;
import io.fabric4j.internal.parameters.ReplayedGradients;
import io.fabric4j.internal.precision.BackwardGuard;
import io.fabric4j.internal.torch.Autograd;
import io.fabric4j.internal.torch.CudaGraph;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;

/** Forward, loss and backward as a CUDA graph on fixed memory, for batches of one shape. */
final class CapturedStep implements AutoCloseable {
  private final Fabric fabric;
  private final NDManager manager;
  private final NDList data;
  private final NDList labels;
  private final NDArray scale;
  private final List<FlatParameters> models;
  private final ReplayedGradients gradients;
  private final List<BlockRuntime> forwards;
  private final CudaGraph graph;
  private NDArray loss;

  /** Captures a step without running it; the ranks' gradients stay as they are. */
  CapturedStep(Fabric fabric, LossFunction function, NDList likeData, NDList likeLabels) {
    this.fabric = fabric;
    manager = fabric.manager().newSubManager();
    data = copies(likeData);
    labels = copies(likeLabels);
    scale = manager.zeros(new Shape());
    models = fabric.models();
    gradients = new ReplayedGradients(models);
    CudaGraph[] captured = new CudaGraph[1];
    try {
      forwards =
          fabric
              .context()
              .forwards()
              .record(
                  () ->
                      gradients.record(
                          () -> captured[0] = CudaGraph.capture(() -> evaluate(function))));
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
    graph = captured[0];
  }

  private NDList copies(NDList arrays) {
    NDList result = new NDList();
    for (NDArray array : arrays) {
      NDArray copy = array.duplicate();
      copy.attach(manager);
      result.add(copy);
    }
    return result;
  }

  private void evaluate(LossFunction function) {
    BackwardGuard guard = fabric.context().guard();
    guard.enter();
    try (NDManager scope = manager.newSubManager()) {
      NDArray result = function.evaluate(views(data, scope), views(labels, scope));
      Autograd.backward(result, scale);
      result.attach(manager);
      loss = result;
    } finally {
      guard.leave();
    }
  }

  private static NDList views(NDList arrays, NDManager owner) {
    NDList result = new NDList();
    for (NDArray array : arrays) {
      try (FlatTensor flat = FlatTensor.of(array)) {
        result.add(flat.toArray(owner, array.getShape()));
      }
    }
    return result;
  }

  /** Returns whether a setup has given parameters other memory, or added some. */
  boolean isStale() {
    return !models.equals(fabric.models());
  }

  /** Replays the step on a batch and returns the loss, which the next run overwrites. */
  NDArray run(NDList batchData, NDList batchLabels, BatchShare share) {
    fill(data, batchData);
    fill(labels, batchLabels);
    forwards.forEach(runtime -> runtime.beforeForward(share));
    fabric.computeGradients(share, this::replay);
    return loss;
  }

  private static void fill(NDList targets, NDList sources) {
    for (int i = 0; i < targets.size(); i++) {
      FlatTensor.copy(targets.get(i), sources.get(i));
    }
  }

  private void replay(double factor) {
    try (FlatTensor value = FlatTensor.of(scale)) {
      value.fill(factor);
    }
    gradients.beforeReplay();
    graph.replay();
  }

  @Override
  public void close() {
    graph.close();
    manager.close();
  }
}

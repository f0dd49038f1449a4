package io.fabric4j;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.fabric4j.internal.data.BatchShare;
import io.fabric4j.internal.torch.Casts;
import java.util.List;
import java.util.stream.Stream;

/**
 * Forward, loss and backward of a step, launched on a GPU as one CUDA graph: a small model's time
 * is that of its calls, and a graph is one. The numbers are those of the calls.
 *
 * <pre>{@code
 * GraphedBackward graphed =
 *     fabric.graph((data, labels) -> loss.evaluate(labels, setup.block().forward(data)));
 * for (FabricBatch batch : loader) {
 *   setup.optimizer().zeroGrad();
 *   NDArray value = graphed.backward(batch);
 *   setup.optimizer().step();
 * }
 * }</pre>
 *
 * <p>The first three batches run call by call; then the step is captured for their shape, once what
 * earlier steps computed has been closed, as a data loader does with its batches. Batches of other
 * shapes, fillers, blocks that communicate within backward, and CPUs always run call by call. In
 * the function, do not read results and do not branch on them: a replay repeats what was captured.
 * Use it on the thread of its rank.
 */
public final class GraphedBackward implements AutoCloseable {
  private static final int WARM_UP = 3;

  private final Fabric fabric;
  private final LossFunction function;
  private List<Signature> signature = List.of();
  private int seen;
  private CapturedStep captured;

  private record Signature(Shape shape, DataType type) {}

  GraphedBackward(Fabric fabric, LossFunction function) {
    this.fabric = fabric;
    this.function = function;
  }

  /**
   * Computes the loss of a batch and adds its gradients, as {@link Fabric#backward(NDArray)} does.
   *
   * @return the loss; once captured, an array that the next call overwrites
   * @throws FabricException if the function cannot be captured
   */
  public NDArray backward(FabricBatch batch) {
    return backward(batch.getData(), batch.getLabels());
  }

  /** Computes the loss of arrays on the rank's device; see {@link #backward(FabricBatch)}. */
  public NDArray backward(NDList data, NDList labels) {
    BatchShare share = fabric.context().tracker().current();
    if (!canReplay(share) || !isOfFirstShape(data, labels)) {
      return call(data, labels);
    }
    if (seen++ < WARM_UP) {
      return call(data, labels);
    }
    if (captured == null) {
      captured = new CapturedStep(fabric, function, data, labels);
    }
    return captured.run(data, labels, share);
  }

  private NDArray call(NDList data, NDList labels) {
    NDArray loss = function.evaluate(data, labels);
    fabric.backward(loss);
    return loss;
  }

  private boolean canReplay(BatchShare share) {
    return fabric.device().isGpu()
        && (share == null || share.rows() > 0)
        && !fabric.communicatesInBackward();
  }

  private boolean isOfFirstShape(NDList data, NDList labels) {
    List<Signature> current =
        Stream.concat(data.stream(), labels.stream())
            .map(array -> new Signature(array.getShape(), Casts.dataType(array)))
            .toList();
    if (signature.isEmpty()) {
      signature = current;
    }
    return signature.equals(current);
  }

  /** Returns whether batches of the first shape are replayed by now. */
  public boolean isCaptured() {
    return captured != null;
  }

  /** Frees the graph's memory; {@link Fabric#close} does so too. */
  @Override
  public void close() {
    if (captured != null) {
      captured.close();
      captured = null;
      seen = 0;
    }
  }

  @Override
  public String toString() {
    return "the CUDA graph of a step";
  }
}

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
 * is that of its calls, and a graph is one. The numbers are those of the calls; dropout draws anew
 * in each replay. {@link Fabric#graph} returns one.
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
 * <p>The first call fixes the shapes and types of a batch. The first three batches of that kind run
 * call by call; the next one is captured and replayed, as are those after it. Nothing that earlier
 * steps computed with the parameters may be open then: a data loader closes its batches with all
 * that comes from them, other loops need an NDManager per step. Batches of other shapes or types,
 * fillers, blocks that communicate within backward, and CPUs always run call by call.
 *
 * <p>A replay repeats the kernels that were captured, on the memory that was captured, and runs no
 * Java code of the function. So the function must not read results or branch on them, create arrays
 * from Java values, or communicate; what it takes from elsewhere than its two arguments, such as a
 * number that changes or an array that is replaced, stays as it was. The blocks' parameters and
 * running statistics are updated in place and go along. Freeze parameters, and give optimizers to a
 * block, before the first call.
 *
 * <p>Ranks capture on their own; all must call {@link #backward(FabricBatch)} equally often, as
 * they would {@link Fabric#backward(NDArray)}. Use it on the thread of its rank.
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
   * @param batch on the rank's device, of the innermost data loader loop
   * @return the loss, on the device. Call by call the function's own array; once captured one that
   *     this object owns and the next call overwrites: read or {@code duplicate()} it before, and
   *     do not close it
   * @throws FabricException if the function cannot be captured; every later call throws it too
   * @throws IllegalArgumentException if the loss has several elements
   * @throws IllegalStateException if the loss depends on no parameter
   */
  public NDArray backward(FabricBatch batch) {
    return backward(batch.getData(), batch.getLabels());
  }

  /**
   * Computes the loss of arrays on the rank's device; see {@link #backward(FabricBatch)}. Once
   * captured, they are copied and need not stay open.
   */
  public NDArray backward(NDList data, NDList labels) {
    BatchShare share = fabric.context().tracker().current();
    if (!canReplay(share) || !isOfFirstShape(data, labels)) {
      return call(data, labels);
    }
    if (seen++ < WARM_UP) {
      return call(data, labels);
    }
    if (captured != null && captured.isStale()) {
      captured.close();
      captured = null;
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

  /**
   * Frees the graph's memory and the loss that it returned; {@link Fabric#close} does so too. Later
   * calls start with a new capture.
   */
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

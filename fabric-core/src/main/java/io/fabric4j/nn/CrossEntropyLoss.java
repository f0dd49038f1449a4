package io.fabric4j.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.training.loss.Loss;
import io.fabric4j.internal.torch.CrossEntropy;
import io.fabric4j.internal.torch.TorchLibrary;

/**
 * Cross-entropy of a softmax, as {@code torch.nn.CrossEntropyLoss} with its defaults. It has the
 * values of DJL's {@link Loss#softmaxCrossEntropyLoss()} with its defaults and takes less time: one
 * native call instead of several.
 *
 * <p>Labels are class indices from 0, shape {@code (rows)} or {@code (rows, 1)}, of any type;
 * predictions are logits, shape {@code (rows, classes)}. The loss is the mean over all rows; rows
 * whose label is -100 are left out.
 */
public final class CrossEntropyLoss extends Loss {

  /** Creates a loss of the name {@code CrossEntropyLoss}. */
  public CrossEntropyLoss() {
    this("CrossEntropyLoss");
  }

  /** Creates a loss whose results are listed under a name. */
  public CrossEntropyLoss(String name) {
    super(name);
    TorchLibrary.load();
  }

  /**
   * Returns the mean loss, a scalar owned by the predictions' manager.
   *
   * @throws IllegalArgumentException if there is not one label per row of logits
   */
  @Override
  public NDArray evaluate(NDList labels, NDList predictions) {
    NDArray indices = labels.singletonOrThrow();
    NDArray logits = predictions.singletonOrThrow();
    if (logits.getShape().dimension() != 2 || indices.size() != logits.getShape().get(0)) {
      throw new IllegalArgumentException(
          "Labels of shape "
              + indices.getShape()
              + " do not fit predictions of shape "
              + logits.getShape()
              + ". Pass one class index per row, and logits of shape (rows, classes).");
    }
    return CrossEntropy.mean(logits, indices);
  }
}

package io.fabric4j.internal.torch;

import ai.djl.ndarray.NDArray;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A training loop without DJL and Fabric, as somebody would write it for one model. */
public final class RawStep implements AutoCloseable {
  private final RawModel model;
  private final Tensor data;
  private final Tensor labels;
  private final int rows;
  private long step;

  /**
   * Prepares a loop over batches.
   *
   * @param model owned
   * @param data rows of all batches, stays the caller's
   * @param labels one for each row
   * @param rows of a batch
   */
  public RawStep(RawModel model, NDArray data, NDArray labels, int rows) {
    this.model = model;
    this.data = Tensors.borrow(data);
    this.labels = Tensors.borrow(labels);
    this.rows = rows;
  }

  public void run() {
    try (PointerScope scope = new PointerScope()) {
      long first = step % (data.size(0) / rows) * rows;
      model.zeroGradients();
      Tensor outputs = model.forward(data.narrow(0, first, rows));
      Tensor loss = torch.cross_entropy_loss(outputs, labels.narrow(0, first, rows));
      loss.backward();
      step++;
      model.update(step);
    }
  }

  @Override
  public void close() {
    model.close();
  }
}

package io.fabric4j.internal.parameters;

import ai.djl.ndarray.NDArray;
import io.fabric4j.internal.torch.FlatTensor;
import java.util.List;

/** A model's running statistics, put back on close: the forward of a filler leaves no trace. */
public final class KeptBuffers implements AutoCloseable {
  private final List<NDArray> buffers;
  private final List<NDArray> copies;

  public KeptBuffers(List<NDArray> buffers) {
    this.buffers = buffers;
    copies = buffers.stream().map(NDArray::duplicate).toList();
  }

  @Override
  public void close() {
    for (int i = 0; i < buffers.size(); i++) {
      FlatTensor.copy(buffers.get(i), copies.get(i));
      copies.get(i).close();
    }
  }
}

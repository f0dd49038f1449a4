package io.fabric4j.spark.internal.ml.inference;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import io.fabric4j.internal.torch.Casts;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.internal.torch.GradMode;
import io.fabric4j.internal.torch.TorchLibrary;
import io.fabric4j.internal.torch.TorchThread;
import java.nio.FloatBuffer;

/** A network in native memory. Several threads may predict with it at once. */
final class LoadedNetwork implements AutoCloseable {
  private final NDManager manager;
  private final Block block;
  private boolean used;

  private LoadedNetwork(NDManager manager, Block block) {
    this.manager = manager;
    this.block = block;
  }

  static LoadedNetwork load(NetworkSource source, Device device) {
    TorchLibrary.load();
    NDManager manager = NDManager.newBaseManager(device, "PyTorch");
    try {
      return new LoadedNetwork(manager, source.newBlock(manager));
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /**
   * Predicts for the rows of a batch.
   *
   * @param threads that one native operation may use
   * @return the elements of each output, row after row
   * @throws IllegalStateException if an output does not have one part per row
   */
  float[][] predict(InputBatch batch, int threads) {
    try (TorchThread thread = TorchThread.enter(threads, false, manager.getDevice());
        GradMode mode = GradMode.disabled();
        NDManager scope = manager.newSubManager()) {
      NDList outputs = forward(scope, batch.arrays(scope));
      return outputs.stream().map(output -> elements(output, batch.rows())).toArray(float[][]::new);
    }
  }

  /** A block may finish its construction in its first forward, as TorchScript's do. */
  private NDList forward(NDManager scope, NDList inputs) {
    synchronized (this) {
      if (!used) {
        NDList outputs = run(scope, inputs);
        used = true;
        return outputs;
      }
    }
    return run(scope, inputs);
  }

  private NDList run(NDManager scope, NDList inputs) {
    return block.forward(new ScopedParameters(scope), inputs, false);
  }

  private static float[] elements(NDArray output, int rows) {
    if (output.getShape().dimension() == 0 || output.getShape().get(0) != rows) {
      throw new IllegalStateException(
          "The network returned an output of shape "
              + output.getShape()
              + " for "
              + rows
              + " rows: the first axis must be that of the rows.");
    }
    try (FlatTensor values = FlatTensor.read(Casts.toType(output, DataType.FLOAT32));
        FlatTensor host = values.toHost()) {
      float[] elements = new float[Math.toIntExact(host.length())];
      FloatBuffer buffer = host.bytes(0, elements.length * Float.BYTES).asFloatBuffer();
      buffer.get(elements);
      return elements;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}

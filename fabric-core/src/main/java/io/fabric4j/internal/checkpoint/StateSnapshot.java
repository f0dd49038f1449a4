package io.fabric4j.internal.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A state that is ready to be written, by any thread. */
public final class StateSnapshot implements AutoCloseable {
  private static final Gson GSON = StateFile.gson();

  /** An array's elements in CPU memory. */
  private record Part(String name, Shape shape, FlatTensor data) {}

  private final List<Part> parts = new ArrayList<>();
  private final String description;

  private StateSnapshot(Map<String, ?> state, boolean copy) {
    Map<String, NDArray> arrays = new TreeMap<>();
    Map<String, Object> tree = StateTree.encode(state, arrays);
    description = GSON.toJson(new StateFile.Contents(StateFile.VERSION, tree));
    try {
      arrays.forEach((name, array) -> parts.add(part(name, array, copy)));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Takes a state whose arrays stay as they are until it is written. */
  public static StateSnapshot of(Map<String, ?> state) {
    return new StateSnapshot(state, false);
  }

  /** Copies a state, whose arrays may then change or be closed. */
  public static StateSnapshot copyOf(Map<String, ?> state) {
    return new StateSnapshot(state, true);
  }

  private static Part part(String name, NDArray array, boolean copy) {
    try (FlatTensor data = FlatTensor.read(array)) {
      if (!copy) {
        return new Part(name, array.getShape(), data.toHost());
      }
      FlatTensor own = FlatTensor.zeros(data.dataType(), data.length());
      own.copyFrom(data);
      return new Part(name, array.getShape(), own);
    }
  }

  /**
   * Writes a file that appears when it is complete; starts again while the storage is out of reach.
   *
   * @param guard has a say before the file appears
   * @return the bytes of the file
   */
  public long write(CheckpointIO io, String path, CommitGuard guard) throws IOException {
    return StorageRetry.run(io, () -> writeOnce(io, path, guard));
  }

  private long writeOnce(CheckpointIO io, String path, CommitGuard guard) throws IOException {
    try (CheckpointIO.PendingFile file = io.create(path)) {
      List<TensorEntry> tensors =
          parts.stream()
              .map(
                  part ->
                      new TensorEntry(
                          part.name(),
                          part.data().dataType(),
                          part.shape(),
                          StateFile.buffers(part.data())))
              .toList();
      OutputStream out = new BufferedOutputStream(file.stream(), 1 << 16);
      long bytes =
          new SafetensorsWriter(out).write(tensors, Map.of(StateFile.METADATA_KEY, description));
      out.flush();
      if (guard.mayCommit()) {
        file.commit();
        guard.committed();
      }
      return bytes;
    }
  }

  @Override
  public void close() {
    parts.forEach(part -> part.data().close());
    parts.clear();
  }
}

package io.fabric4j.spark.internal.data;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.FabricException;
import io.fabric4j.internal.torch.FlatTensor;
import io.fabric4j.spark.SparkFabricOptions;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A file without a name: it is unlinked when it has been opened, so it vanishes with the process or
 * with its last mapping, whatever happens. Written by a stream and not through the mapping, because
 * a full disk is an exception there and a SIGBUS here, and not by a channel, because an interrupt
 * of the task would close it.
 */
final class SpillFile implements AutoCloseable {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  private final Path path;
  private final FileOutputStream stream;
  private long length;

  private SpillFile(Path path, FileOutputStream stream) {
    this.path = path;
    this.stream = stream;
  }

  /** Creates a file in the folder that has the most space. */
  static SpillFile create(List<Path> folders) {
    if (folders.isEmpty()) {
      throw new FabricException(
          "The rows exceed "
              + SparkFabricOptions.MEMORY_BUDGET
              + ", but may not go to a file: it would be in clear text, and"
              + " spark.io.encryption.enabled is on. Raise the budget, use more ranks, or set "
              + SparkFabricOptions.ALLOW_CLEAR_TEXT
              + "=true.");
    }
    Path folder =
        folders.stream()
            .max(Comparator.comparingLong(path -> path.toFile().getUsableSpace()))
            .get();
    Path path = folder.resolve("fabric-rows-" + UUID.randomUUID());
    try {
      FileOutputStream stream = new FileOutputStream(path.toFile());
      Files.delete(path);
      return new SpillFile(path, stream);
    } catch (IOException e) {
      throw failure("create a file", folder, 0, e);
    }
  }

  void write(byte[] bytes, int count) {
    try {
      stream.write(bytes, 0, count);
    } catch (IOException e) {
      throw failure("write", path.getParent(), length, e);
    }
    length += count;
  }

  /** Maps all bytes written so far, at least one; the mapping outlives the file. */
  FlatTensor map() {
    return FlatTensor.mapShared(descriptor(), DataType.UINT8, length);
  }

  /** The only name that the file has left. */
  private Path descriptor() {
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      return all.filter(this::isOwn)
          .findFirst()
          .orElseThrow(() -> new IOException("the file is not among " + DESCRIPTORS));
    } catch (IOException e) {
      throw failure("map a file", path.getParent(), length, e);
    }
  }

  private boolean isOwn(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith(path.toString());
    } catch (IOException e) {
      return false; // another thread has closed it
    }
  }

  private static FabricException failure(
      String action, Path folder, long length, IOException cause) {
    return new FabricException(
        "Cannot "
            + action
            + " in "
            + folder
            + ", which takes the rows that exceed "
            + SparkFabricOptions.MEMORY_BUDGET
            + " ("
            + length
            + " bytes so far, "
            + folder.toFile().getUsableSpace()
            + " free): "
            + cause.getMessage()
            + ". Use a folder with more space (spark.local.dir), more ranks, or a larger budget.",
        cause);
  }

  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      throw failure("close a file", path.getParent(), length, e);
    }
  }
}

package io.fabric4j.internal.distributed;

import ai.djl.ndarray.types.DataType;
import io.fabric4j.internal.torch.FlatTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Creates memory that all ranks of a team map, or on none of them. Files have names only until
 * every rank has mapped them, so that nothing is left behind when a process dies.
 */
final class SharedMemory {
  private static final Logger LOGGER = LoggerFactory.getLogger(SharedMemory.class);
  private static final int ZEROS = 1 << 20;

  private final Team team;
  private final List<Path> prefixes;
  private int files;

  /**
   * Creates nothing yet.
   *
   * @param prefixes a file name of each member, in a folder that all members see
   */
  SharedMemory(Team team, List<Path> prefixes) {
    this.team = team;
    this.prefixes = prefixes;
  }

  /** What a rank does with the files of all ranks. */
  private interface Mapping<T> {
    T map(List<Path> files) throws IOException;
  }

  /** Returns a piece of memory of each rank, or nothing if a rank lacks the room. */
  Optional<SharedSegment> createSegment(PendingCall pending, long bytes) {
    return create(pending, bytes, paths -> new SharedSegment(mapAll(paths, bytes), team.index()));
  }

  /** Returns a page of the first rank's memory, mapped by all. */
  Optional<ControlPage> createControlPage(PendingCall pending) {
    long bytes = team.index() == 0 ? ControlPage.bytes(team.size()) : 0;
    return create(
        pending, bytes, paths -> ControlPage.map(paths.get(0), team.index(), team.size()));
  }

  private <T> Optional<T> create(PendingCall pending, long bytes, Mapping<T> mapping) {
    List<Path> paths = nextPaths();
    Path own = paths.get(team.index());
    try {
      if (!team.agree(pending, reserve(own, bytes))) {
        return Optional.empty();
      }
      Optional<T> mapped = tryMap(paths, mapping);
      if (team.agree(pending, mapped.isPresent())) {
        return mapped;
      }
      return Optional.empty();
    } finally {
      delete(own);
    }
  }

  private List<Path> nextPaths() {
    int number = files++;
    return prefixes.stream()
        .map(prefix -> prefix.resolveSibling(prefix.getFileName() + "-" + number))
        .toList();
  }

  /**
   * Takes the memory by writing it. A file that is only made longer gets its pages at first touch,
   * and a rank that touches one when the folder is full dies of SIGBUS.
   */
  private boolean reserve(Path file, long bytes) {
    try (FileChannel channel =
        FileChannel.open(MountProof.createPrivate(file), StandardOpenOption.WRITE)) {
      long free = Files.getFileStore(file).getUsableSpace();
      if (free < bytes) {
        throw new IOException(bytes + " bytes are needed, " + free + " are free");
      }
      ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS, bytes));
      for (long left = bytes; left > 0; ) {
        left -= channel.write(zeros.clear().limit((int) Math.min(zeros.capacity(), left)));
      }
      return true;
    } catch (IOException e) {
      LOGGER.warn(
          "{} No shared memory in {}: {}. Arrays will be copied instead.",
          team.mesh().roster().prefix(),
          file.getParent(),
          e.toString());
      return false;
    }
  }

  private <T> Optional<T> tryMap(List<Path> paths, Mapping<T> mapping) {
    try {
      return Optional.of(mapping.map(paths));
    } catch (IOException | RuntimeException e) {
      LOGGER.warn("{} Cannot map {}", team.mesh().roster().prefix(), paths, e);
      return Optional.empty();
    }
  }

  private List<FlatTensor> mapAll(List<Path> paths, long bytes) throws IOException {
    List<FlatTensor> pieces = new ArrayList<>();
    for (Path path : paths) {
      if (Files.size(path) != bytes) {
        throw new IOException(path + " has " + Files.size(path) + " bytes, not " + bytes);
      }
      pieces.add(FlatTensor.mapShared(path, DataType.UINT8, bytes));
    }
    return pieces;
  }

  private void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOGGER.warn("{} Cannot delete {}", team.mesh().roster().prefix(), file, e);
    }
  }
}

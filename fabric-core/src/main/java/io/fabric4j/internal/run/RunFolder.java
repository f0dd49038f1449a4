package io.fabric4j.internal.run;

import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.checkpoint.DamagedCheckpointException;
import io.fabric4j.internal.checkpoint.SafetensorsReader;
import io.fabric4j.internal.checkpoint.StorageRetry;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of one run. Operations are repeated while the storage is out of reach. */
public final class RunFolder {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
  private static final int MAX_TEXT_BYTES = 1 << 20;
  private static final int TRIES = 100;
  private static final int EMPTY_TRIES = 5;

  private final CheckpointIO io;
  private final String path;

  /**
   * @param path of the folder, without a slash at its end
   */
  public RunFolder(CheckpointIO io, String path) {
    this.io = io;
    this.path = path;
  }

  CheckpointIO io() {
    return io;
  }

  /** Returns the path of a file. */
  public String file(Object name) {
    return path + "/" + name;
  }

  /** Returns the names of the checkpoints, the newest first. */
  public List<CheckpointName> checkpoints() throws IOException {
    return StorageRetry.run(io, () -> io.list(path)).stream()
        .map(CheckpointName::of)
        .flatMap(Optional::stream)
        .sorted(Comparator.reverseOrder())
        .toList();
  }

  /**
   * Returns the newest checkpoint whose checksums are right; damaged ones are skipped. Their writer
   * may delete those that were listed, after newer ones, and some storage systems then list none.
   */
  public Optional<CheckpointName> newest() throws IOException {
    boolean again = true;
    for (int tries = 1; again && tries <= TRIES; tries++) {
      List<CheckpointName> names = checkpoints();
      again = names.isEmpty() && tries < EMPTY_TRIES;
      for (CheckpointName name : names) {
        if (isComplete(file(name))) {
          return Optional.of(name);
        }
        again |= !io.exists(file(name));
      }
    }
    return Optional.empty();
  }

  private boolean isComplete(String file) throws IOException {
    try {
      return StorageRetry.run(
          io,
          () -> {
            try (SafetensorsReader reader = new SafetensorsReader(io, file)) {
              reader.verify();
              return true;
            }
          });
    } catch (IOException e) {
      if (!io.exists(file)) {
        return false;
      }
      if (e instanceof DamagedCheckpointException) {
        LOG.warn("An older checkpoint is taken: {}", e.getMessage());
        return false;
      }
      throw e;
    }
  }

  void delete(Object name) throws IOException {
    StorageRetry.run(
        io,
        () -> {
          io.delete(file(name));
          return null;
        });
  }

  /** Replaces a small file. */
  void write(String name, String text) throws IOException {
    StorageRetry.run(
        io,
        () -> {
          try (CheckpointIO.PendingFile file = io.create(file(name))) {
            file.stream().write(text.getBytes(StandardCharsets.UTF_8));
            file.commit();
          }
          return null;
        });
  }

  /**
   * Reads a small file, if it is there. It may be replaced meanwhile, which some storage systems
   * answer with an error.
   */
  Optional<String> read(String name) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        return Optional.of(StorageRetry.run(io, () -> text(name)));
      } catch (FileNotFoundException e) {
        if (!io.exists(file(name))) {
          return Optional.empty();
        }
        if (tries == TRIES) {
          throw e;
        }
      }
    }
  }

  private String text(String name) throws IOException {
    try (InputStream in = io.open(file(name))) {
      return new String(in.readNBytes(MAX_TEXT_BYTES), StandardCharsets.UTF_8);
    }
  }

  @Override
  public String toString() {
    return path;
  }
}

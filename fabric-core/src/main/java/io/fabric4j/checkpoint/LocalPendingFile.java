package io.fabric4j.checkpoint;

import io.fabric4j.internal.checkpoint.PendingStream;
import io.fabric4j.internal.checkpoint.TemporaryName;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A temporary file in the target's folder that a rename turns into the target. */
final class LocalPendingFile implements CheckpointIO.PendingFile {
  private final Path target;
  private final Path temporary;
  private final FileOutputStream file;
  private final PendingStream stream;
  private boolean done;

  LocalPendingFile(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "Is a directory");
    }
    Path folder = target.getParent();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    this.target = target;
    temporary = folder.resolve(TemporaryName.create());
    file = new FileOutputStream(temporary.toFile());
    stream = new PendingStream(file, target.toString());
  }

  @Override
  public OutputStream stream() {
    return stream;
  }

  @Override
  public void commit() throws IOException {
    if (done) {
      throw new IllegalStateException(
          "The checkpoint file " + target + " is already committed or closed.");
    }
    stream.flush();
    try {
      file.getFD().sync();
      file.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      done = true;
      syncFolder();
    } catch (IOException e) {
      throw LocalCheckpointIO.failure("commit checkpoint file", target, e);
    }
  }

  @Override
  public void close() throws IOException {
    if (done) {
      return;
    }
    done = true;
    try {
      file.close();
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void syncFolder() throws IOException {
    try (FileChannel folder = FileChannel.open(target.getParent(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }
}

package io.fabric4j.checkpoint;

import io.fabric4j.internal.checkpoint.StagedFile;
import io.fabric4j.internal.checkpoint.TemporaryName;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A temporary file in the target's folder that a rename turns into the target. */
final class LocalPendingFile extends StagedFile {
  private final Path target;
  private final Path temporary;
  private final FileOutputStream out;

  private LocalPendingFile(Path target, Path temporary, FileOutputStream out) {
    super(target.toString(), out);
    this.target = target;
    this.temporary = temporary;
    this.out = out;
  }

  static LocalPendingFile create(Path target) throws IOException {
    if (Files.isDirectory(target)) {
      throw new FileSystemException(target.toString(), null, "Is a directory");
    }
    Path folder = target.getParent();
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    Path temporary = folder.resolve(TemporaryName.create());
    return new LocalPendingFile(target, temporary, new FileOutputStream(temporary.toFile()));
  }

  @Override
  protected void publish() throws IOException {
    try {
      out.getFD().sync();
      out.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      syncFolder();
    } catch (IOException e) {
      throw LocalCheckpointIO.failure("commit checkpoint file", target, e);
    }
  }

  @Override
  protected void discard() throws IOException {
    try {
      out.close();
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

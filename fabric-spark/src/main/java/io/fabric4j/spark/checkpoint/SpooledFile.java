package io.fabric4j.spark.checkpoint;

import io.fabric4j.internal.checkpoint.StagedFile;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A local file that is uploaded on commit: for connectors that cannot abort an upload, so that a
 * discarded file does not cost the object that it would have replaced.
 */
final class SpooledFile extends StagedFile {
  private final FileSystem fileSystem;
  private final Path target;
  private final java.nio.file.Path spool;
  private final FileOutputStream out;

  private SpooledFile(
      FileSystem fileSystem, Path target, java.nio.file.Path spool, FileOutputStream out) {
    super(target + " (spooled to " + spool + ")", out);
    this.fileSystem = fileSystem;
    this.target = target;
    this.spool = spool;
    this.out = out;
  }

  static SpooledFile create(FileSystem fileSystem, Path target) throws IOException {
    java.nio.file.Path spool = Files.createTempFile("fabric-", ".spool");
    return new SpooledFile(fileSystem, target, spool, new FileOutputStream(spool.toFile()));
  }

  @Override
  protected void publish() throws IOException {
    out.close();
    try (UploadedFile upload = startUpload()) {
      Files.copy(spool, upload.stream());
      upload.commit();
    }
    Files.delete(spool);
  }

  @Override
  protected void discard() throws IOException {
    try {
      out.close();
    } finally {
      Files.deleteIfExists(spool);
    }
  }

  private UploadedFile startUpload() throws IOException {
    try {
      return UploadedFile.create(fileSystem, target);
    } catch (IOException e) {
      throw FileSystemCheckpointIO.failure("upload checkpoint file", target, e);
    }
  }
}

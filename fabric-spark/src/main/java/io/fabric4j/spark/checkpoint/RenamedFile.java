package io.fabric4j.spark.checkpoint;

import io.fabric4j.internal.checkpoint.StagedFile;
import io.fabric4j.internal.checkpoint.TemporaryName;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;

/**
 * A temporary file in the target's folder that a rename turns into the target. Renames go through
 * {@link FileContext}: that of {@link FileSystem} does not overwrite.
 */
final class RenamedFile extends StagedFile {
  private final FileSystem fileSystem;
  private final FileContext renames;
  private final Path target;
  private final Path temporary;
  private final FSDataOutputStream out;

  private RenamedFile(
      FileSystem fileSystem,
      FileContext renames,
      Path target,
      Path temporary,
      FSDataOutputStream out) {
    super(target.toString(), out);
    this.fileSystem = fileSystem;
    this.renames = renames;
    this.target = target;
    this.temporary = temporary;
    this.out = out;
  }

  static RenamedFile create(FileSystem fileSystem, FileContext renames, Path target)
      throws IOException {
    Path temporary = new Path(target.getParent(), TemporaryName.create());
    return new RenamedFile(
        fileSystem, renames, target, temporary, fileSystem.create(temporary, false));
  }

  @Override
  protected void publish() throws IOException {
    try {
      out.hsync();
      out.close();
      renames.rename(temporary, target, Options.Rename.OVERWRITE);
    } catch (IOException e) {
      throw FileSystemCheckpointIO.failure("commit checkpoint file", target, e);
    }
  }

  @Override
  protected void discard() throws IOException {
    try {
      out.close();
    } finally {
      fileSystem.delete(temporary, false);
    }
  }
}

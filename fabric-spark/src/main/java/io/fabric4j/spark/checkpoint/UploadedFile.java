package io.fabric4j.spark.checkpoint;

import io.fabric4j.internal.checkpoint.StagedFile;
import java.io.IOException;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** An object that appears, replacing an older one, when the stream to it is closed. */
final class UploadedFile extends StagedFile {
  private final FileSystem fileSystem;
  private final Path target;
  private final FSDataOutputStream out;
  private boolean publishing;

  private UploadedFile(FileSystem fileSystem, Path target, FSDataOutputStream out) {
    super(target.toString(), out);
    this.fileSystem = fileSystem;
    this.target = target;
    this.out = out;
  }

  static UploadedFile create(FileSystem fileSystem, Path target) throws IOException {
    return new UploadedFile(fileSystem, target, fileSystem.create(target, true));
  }

  @Override
  protected void publish() throws IOException {
    publishing = true;
    try {
      out.close();
    } catch (IOException e) {
      throw FileSystemCheckpointIO.failure("commit checkpoint file", target, e);
    }
  }

  @Override
  protected void discard() throws IOException {
    if (out.hasCapability(CommonPathCapabilities.ABORTABLE_STREAM)) {
      out.abort();
    } else if (!publishing) {
      // Without abort, closing is the only way to free the connection, and publishes a part. If it
      // fails, nothing was published, and the object at the path is an older, complete one.
      out.close();
      fileSystem.delete(target, false);
    }
  }
}

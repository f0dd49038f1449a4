package io.fabric4j.spark.checkpoint;

import io.fabric4j.checkpoint.CheckpointException;
import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.internal.checkpoint.StorageFailure;
import io.fabric4j.internal.checkpoint.TemporaryName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIsDirectoryException;
import org.apache.hadoop.fs.PathIsNotDirectoryException;
import org.apache.hadoop.security.UserGroupInformation;

/** Checkpoints on one Hadoop file system. Paths are qualified. */
final class FileSystemCheckpointIO implements CheckpointIO {
  private final FileSystem fileSystem;
  private final FileContext renames;

  /**
   * @param renames the same file system, if its renames are atomic and overwrite; else null
   */
  FileSystemCheckpointIO(FileSystem fileSystem, FileContext renames) {
    this.fileSystem = fileSystem;
    this.renames = renames;
  }

  @Override
  public PendingFile create(String path) throws IOException {
    Path target = new Path(path);
    try {
      rejectFolder(target);
      if (renames != null) {
        return RenamedFile.create(fileSystem, renames, target);
      }
      if (fileSystem.hasPathCapability(target, CommonPathCapabilities.ABORTABLE_STREAM)) {
        return UploadedFile.create(fileSystem, target);
      }
      return SpooledFile.create(fileSystem, target);
    } catch (IOException e) {
      throw failure("create checkpoint file", target, e);
    }
  }

  @Override
  public InputStream open(String path) throws IOException {
    Path file = new Path(path);
    try {
      return fileSystem.open(file);
    } catch (FileNotFoundException e) {
      throw missing("open checkpoint file", file, e);
    } catch (IOException e) {
      throw failure("open checkpoint file", file, e);
    }
  }

  @Override
  public long length(String path) throws IOException {
    Path file = new Path(path);
    try {
      return fileSystem.getFileStatus(file).getLen();
    } catch (FileNotFoundException e) {
      throw missing("read the length of checkpoint file", file, e);
    } catch (IOException e) {
      throw failure("read the length of checkpoint file", file, e);
    }
  }

  @Override
  public boolean exists(String path) throws IOException {
    Path file = new Path(path);
    try {
      return fileSystem.getFileStatus(file).isFile();
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw failure("look for checkpoint file", file, e);
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path directory = new Path(folder);
    try {
      FileStatus[] entries = fileSystem.listStatus(directory);
      if (entries.length == 1 && entries[0].isFile() && entries[0].getPath().equals(directory)) {
        throw new PathIsNotDirectoryException(folder);
      }
      return Arrays.stream(entries)
          .filter(entry -> entry.isFile() && !TemporaryName.matches(entry.getPath().getName()))
          .map(entry -> entry.getPath().toString())
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw failure("list checkpoint folder", directory, e);
    }
  }

  @Override
  public void delete(String path) throws IOException {
    Path file = new Path(path);
    try {
      rejectFolder(file);
      fileSystem.delete(file, false);
    } catch (IOException e) {
      throw failure("delete checkpoint file", file, e);
    }
  }

  @Override
  public void checkWritable(String path) throws IOException {
    Path target = new Path(path);
    Path probe = new Path(target.getParent(), TemporaryName.create());
    try {
      rejectFolder(target);
      try (OutputStream out = fileSystem.create(probe, false)) {
        out.write(0);
      } finally {
        fileSystem.delete(probe, false);
      }
    } catch (IOException e) {
      throw failure("create checkpoint file", target, e);
    }
  }

  @Override
  public void deletePending(String folder) throws IOException {
    Path directory = new Path(folder);
    try {
      for (FileStatus entry : fileSystem.listStatus(directory)) {
        if (TemporaryName.matches(entry.getPath().getName())) {
          fileSystem.delete(entry.getPath(), false);
        }
      }
    } catch (IOException e) {
      throw failure("delete pending files of checkpoint folder", directory, e);
    }
  }

  static CheckpointException failure(String operation, Path path, IOException cause)
      throws IOException {
    return StorageFailure.of(
        operation,
        path.toString(),
        cause,
        ("Check that the storage can be reached and lets user '%s' read and write %s, or use"
                + " another path.")
            .formatted(UserGroupInformation.getCurrentUser().getShortUserName(), path.getParent()));
  }

  private static FileNotFoundException missing(
      String operation, Path path, FileNotFoundException cause) {
    FileNotFoundException missing =
        new FileNotFoundException(
            "Cannot %s %s: it does not exist or is a folder. Check the path."
                .formatted(operation, path));
    missing.initCause(cause);
    return missing;
  }

  private void rejectFolder(Path path) throws IOException {
    try {
      if (fileSystem.getFileStatus(path).isDirectory()) {
        throw new PathIsDirectoryException(path.toString());
      }
    } catch (FileNotFoundException e) {
      // A file can be created there, and there is none to delete.
    }
  }
}

package io.fabric4j.checkpoint;

import io.fabric4j.internal.checkpoint.StorageFailure;
import io.fabric4j.internal.checkpoint.TemporaryName;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checkpoints on local disks and mounted file systems: plain paths and {@code file:} URIs. A commit
 * syncs the file, renames it atomically over an older one and syncs the folder, so the file also
 * survives a crash of the host. A killed process may leave a file {@code .fabric-*.tmp}, which no
 * listing shows and which can be deleted.
 *
 * <p>Thread-safe.
 */
public final class LocalCheckpointIO implements CheckpointIO {
  private static final Pattern URI_WITH_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

  @Override
  public PendingFile create(String path) throws IOException {
    Path target = resolve(path);
    try {
      return LocalPendingFile.create(target);
    } catch (IOException e) {
      throw failure("create checkpoint file", target, e);
    }
  }

  @Override
  public InputStream open(String path) throws IOException {
    Path file = resolve(path);
    attributes("open checkpoint file", file);
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw failure("open checkpoint file", file, e);
    }
  }

  @Override
  public long length(String path) throws IOException {
    return attributes("read the length of checkpoint file", resolve(path)).size();
  }

  @Override
  public boolean exists(String path) throws IOException {
    Path file = resolve(path);
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isRegularFile();
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      throw failure("look for checkpoint file", file, e);
    }
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Path directory = resolve(folder);
    boolean uri = URI_WITH_SCHEME.matcher(folder).matches();
    List<String> files = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        // A file that is deleted meanwhile counts: else others could all be missed.
        if (!Files.isDirectory(entry) && !TemporaryName.matches(entry.getFileName().toString())) {
          files.add(uri ? entry.toUri().toString() : entry.toString());
        }
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw failure("list checkpoint folder", directory, e.getCause());
    } catch (IOException e) {
      throw failure("list checkpoint folder", directory, e);
    }
    files.sort(null);
    return List.copyOf(files);
  }

  @Override
  public void delete(String path) throws IOException {
    Path file = resolve(path);
    try {
      if (Files.isDirectory(file)) {
        throw new FileSystemException(file.toString(), null, "Is a directory");
      }
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw failure("delete checkpoint file", file, e);
    }
  }

  @Override
  public void checkWritable(String path) throws IOException {
    try (PendingFile probe = create(path)) {
      probe.stream().write(0);
      probe.stream().flush();
    }
  }

  @Override
  public void deletePending(String folder) throws IOException {
    Path directory = resolve(folder);
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            directory, entry -> TemporaryName.matches(entry.getFileName().toString()))) {
      for (Path entry : entries) {
        Files.deleteIfExists(entry);
      }
    } catch (DirectoryIteratorException e) {
      throw failure("list checkpoint folder", directory, e.getCause());
    } catch (IOException e) {
      throw failure("delete pending files of checkpoint folder", directory, e);
    }
  }

  static CheckpointException failure(String operation, Path path, IOException cause) {
    return StorageFailure.of(
        operation,
        path.toString(),
        cause,
        ("Check that folder %s exists, has free space and lets user '%s' read and write, or use"
                + " another path.")
            .formatted(path.getParent(), System.getProperty("user.name")));
  }

  private static BasicFileAttributes attributes(String operation, Path file) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (attributes.isDirectory()) {
        throw new FileSystemException(file.toString(), null, "Is a directory");
      }
      return attributes;
    } catch (NoSuchFileException e) {
      throw (IOException)
          new FileNotFoundException(
                  "Cannot " + operation + " " + file + ": it does not exist. Check the path.")
              .initCause(e);
    } catch (IOException e) {
      throw failure(operation, file, e);
    }
  }

  private static Path resolve(String path) throws CheckpointException {
    if (!URI_WITH_SCHEME.matcher(path).matches()) {
      return Path.of(path).toAbsolutePath();
    }
    try {
      URI uri = URI.create(path);
      if ("file".equals(uri.getScheme())) {
        return Path.of(uri);
      }
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          "Cannot use %s as a checkpoint path: it is no URI of a local file (%s). Use a plain path."
              .formatted(path, e.getMessage()),
          e);
    }
    throw new CheckpointException(
        ("Cannot use %s as a checkpoint path: LocalCheckpointIO handles plain paths and file: URIs"
                + " only. Use the CheckpointIO of that storage, such as HadoopCheckpointIO of"
                + " fabric-spark.")
            .formatted(path));
  }
}

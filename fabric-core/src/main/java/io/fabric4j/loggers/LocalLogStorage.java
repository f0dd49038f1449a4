package io.fabric4j.loggers;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Log files on local disks and mounts: plain paths and {@code file:} URIs. */
public final class LocalLogStorage implements LogStorage {
  private static final long serialVersionUID = 1L;
  private static final Pattern URI_WITH_SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:/.*");

  @Override
  public Optional<Path> local(String path) throws IOException {
    return Optional.of(resolve(path));
  }

  @Override
  public List<String> list(String folder) throws IOException {
    try (Stream<Path> entries = Files.list(resolve(folder))) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
  }

  @Override
  public InputStream open(String path) throws IOException {
    return Files.newInputStream(resolve(path));
  }

  @Override
  public LogFile create(String path) throws IOException {
    Path file = resolve(path);
    Files.createDirectories(file.getParent());
    return new Appended(
        new BufferedOutputStream(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)));
  }

  @Override
  public void upload(Path file, String path) throws IOException {
    Path target = resolve(path);
    Path copy = target.resolveSibling(target.getFileName() + ".tmp");
    Files.createDirectories(target.getParent());
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    Files.move(copy, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path resolve(String path) throws IOException {
    if (!URI_WITH_SCHEME.matcher(path).matches()) {
      return Path.of(path).toAbsolutePath();
    }
    URI uri = URI.create(path);
    if (!"file".equals(uri.getScheme())) {
      throw new IOException(
          "Cannot log to "
              + path
              + ": without Spark loggers write to plain paths and file: URIs. Pass the logger to"
              + " SparkFabric.builder(spark).loggers(...), which reaches Hadoop's file systems.");
    }
    return Path.of(uri);
  }

  private record Appended(OutputStream out) implements LogFile {
    @Override
    public void write(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    @Override
    public boolean isReadableWhileWritten() {
      return true;
    }

    @Override
    public void flush() throws IOException {
      out.flush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}

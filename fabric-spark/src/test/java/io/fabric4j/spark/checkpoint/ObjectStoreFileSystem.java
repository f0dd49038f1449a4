package io.fabric4j.spark.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.util.Progressable;

/**
 * An object store over local files: objects appear when their stream is closed, nothing can be
 * renamed, FileContext does not know it. Under the scheme {@code objstore} uploads can be aborted,
 * under {@code plainstore} not; a path that contains "refused" fails when its stream is closed.
 */
public final class ObjectStoreFileSystem extends RawLocalFileSystem {
  private URI uri;

  public static Configuration configuration() {
    Configuration configuration = new Configuration(false);
    configuration.setClass(
        "fs.objstore.impl", ObjectStoreFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    configuration.setClass(
        "fs.plainstore.impl", ObjectStoreFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
    return configuration;
  }

  @Override
  public void initialize(URI name, Configuration configuration) throws IOException {
    uri = URI.create(name.getScheme() + ":///");
    super.initialize(uri, configuration);
  }

  @Override
  public URI getUri() {
    return uri == null ? super.getUri() : uri; // the superclass asks before initialize
  }

  @Override
  public String getScheme() {
    return getUri().getScheme();
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    OutputStream upload = isAbortable() ? new AbortableUpload(path) : new Upload(path);
    return new FSDataOutputStream(upload, null);
  }

  @Override
  public boolean rename(Path source, Path target) {
    throw new UnsupportedOperationException("Objects cannot be renamed");
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
        ? isAbortable()
        : super.hasPathCapability(path, capability);
  }

  private boolean isAbortable() {
    return getScheme().equals("objstore");
  }

  private class Upload extends ByteArrayOutputStream {
    private final Path path;
    boolean ended;

    Upload(Path path) {
      this.path = path;
    }

    @Override
    public void close() throws IOException {
      if (ended) {
        return;
      }
      ended = true;
      if (path.toString().contains("refused")) {
        throw new IOException("503 Slow Down");
      }
      java.nio.file.Path file = pathToFile(path).toPath();
      Files.createDirectories(file.getParent());
      java.nio.file.Path received = Files.createTempFile("object-", null);
      Files.write(received, toByteArray());
      Files.move(received, file, StandardCopyOption.ATOMIC_MOVE); // objects appear as a whole
    }
  }

  private final class AbortableUpload extends Upload implements Abortable, StreamCapabilities {
    AbortableUpload(Path path) {
      super(path);
    }

    @Override
    public AbortableResult abort() {
      ended = true;
      return null;
    }

    @Override
    public boolean hasCapability(String capability) {
      return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM);
    }
  }
}

package io.fabric4j.spark.checkpoint;

import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.checkpoint.LocalCheckpointIO;
import io.fabric4j.internal.checkpoint.StorageFailure;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Checkpoints on every storage system that Hadoop has a connector for. A path without a scheme
 * belongs to {@code fs.defaultFS}, as elsewhere in Spark. How a commit keeps readers from seeing a
 * part of a file depends on the scheme:
 *
 * <ol>
 *   <li>{@code hdfs}, {@code viewfs}, {@code webhdfs}, {@code abfs}: a temporary file in the same
 *       folder is synced, then renamed over an older one in one step. A killed process may leave a
 *       file {@code .fabric-*.tmp}, which no listing shows and which can be deleted.
 *   <li>{@code file}: the same, through {@link LocalCheckpointIO}, without Hadoop's {@code .crc}
 *       files. Executors on several hosts need a shared mount at that path.
 *   <li>Every other scheme is taken for an object store such as {@code s3a} or {@code gs}, where an
 *       object appears when its upload ends. If the connector can abort an upload, data go there
 *       directly; else they wait in a file in {@code java.io.tmpdir} until the commit.
 * </ol>
 *
 * <p>Create it on the driver; it travels to executors and accesses the storage as the user that
 * runs the task. Thread-safe.
 */
public final class HadoopCheckpointIO implements CheckpointIO, Serializable {
  private static final long serialVersionUID = 1L;
  private static final CheckpointIO LOCAL = new LocalCheckpointIO();
  private static final Set<String> RENAMING =
      Set.of("abfs", "abfss", "hdfs", "swebhdfs", "viewfs", "webhdfs");

  private final SerializableConfiguration configuration;
  private transient Map<URI, FileContext> contexts;

  /**
   * @param configuration names the default file system and holds the connectors' settings; copied.
   *     In Spark: {@code sparkContext.hadoopConfiguration()}
   */
  public HadoopCheckpointIO(Configuration configuration) {
    this.configuration = new SerializableConfiguration(new Configuration(configuration));
  }

  @Override
  public PendingFile create(String path) throws IOException {
    Place place = place(path);
    return place.storage.create(place.path);
  }

  @Override
  public InputStream open(String path) throws IOException {
    Place place = place(path);
    return place.storage.open(place.path);
  }

  @Override
  public long length(String path) throws IOException {
    Place place = place(path);
    return place.storage.length(place.path);
  }

  @Override
  public boolean exists(String path) throws IOException {
    Place place = place(path);
    return place.storage.exists(place.path);
  }

  @Override
  public List<String> list(String folder) throws IOException {
    Place place = place(folder);
    List<String> files = place.storage.list(place.path);
    return place.storage == LOCAL
        ? files.stream().map(file -> new Path("file", null, file).toString()).toList()
        : files;
  }

  @Override
  public void delete(String path) throws IOException {
    Place place = place(path);
    place.storage.delete(place.path);
  }

  @Override
  public void checkWritable(String path) throws IOException {
    Place place = place(path);
    place.storage.checkWritable(place.path);
  }

  @Override
  public void deletePending(String folder) throws IOException {
    Place place = place(folder);
    place.storage.deletePending(place.path);
  }

  @Override
  public boolean isTransient(IOException failure) {
    return StorageFailures.isTransient(failure);
  }

  private Place place(String path) throws IOException {
    Path given = new Path(path);
    try {
      FileSystem fileSystem = given.getFileSystem(configuration.value());
      Path target = fileSystem.makeQualified(given);
      String scheme = target.toUri().getScheme();
      if (scheme.equals("file")) {
        return new Place(LOCAL, target.toUri().getPath());
      }
      FileContext context = RENAMING.contains(scheme) ? context(fileSystem.getUri()) : null;
      return new Place(new FileSystemCheckpointIO(fileSystem, context), target.toString());
    } catch (IOException e) {
      throw StorageFailure.of(
          "find the storage system of checkpoint path",
          path,
          e,
          "Correct the scheme, or add its connector to spark.jars (for s3a: hadoop-aws).");
    }
  }

  /** A context holds a client of its own, so one is kept per file system. */
  private synchronized FileContext context(URI fileSystem) throws IOException {
    if (contexts == null) {
      contexts = new HashMap<>();
    }
    FileContext context = contexts.get(fileSystem);
    if (context == null) {
      context = FileContext.getFileContext(fileSystem, configuration.value());
      contexts.put(fileSystem, context);
    }
    return context;
  }

  /** A storage and the path in its form. */
  private record Place(CheckpointIO storage, String path) {}
}

package io.fabric4j.spark.loggers;

import io.fabric4j.checkpoint.CheckpointIO;
import io.fabric4j.loggers.LocalLogStorage;
import io.fabric4j.loggers.LogFile;
import io.fabric4j.loggers.LogStorage;
import io.fabric4j.spark.checkpoint.HadoopCheckpointIO;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Log files on every storage system that Hadoop has a connector for. A path without a scheme
 * belongs to {@code fs.defaultFS}, as elsewhere in Spark. Readers follow a file that is being
 * written where its stream can flush to them ({@code hdfs}, {@code abfs}); on others, such as
 * {@code s3a}, they see it when it is closed. Local paths go to {@link LocalLogStorage}, without
 * Hadoop's {@code .crc} files.
 *
 * <p>{@code SparkFabric.builder(spark).loggers(...)} hands one to each logger. It accesses the
 * storage as the user that runs the task.
 */
public final class HadoopLogStorage implements LogStorage {
  private static final long serialVersionUID = 1L;
  private static final LocalLogStorage LOCAL = new LocalLogStorage();

  private final SerializableConfiguration configuration;
  private final HadoopCheckpointIO files;

  /**
   * @param configuration names the default file system and holds the connectors' settings; copied.
   *     In Spark: {@code sparkContext.hadoopConfiguration()}
   */
  public HadoopLogStorage(Configuration configuration) {
    this.configuration = new SerializableConfiguration(new Configuration(configuration));
    files = new HadoopCheckpointIO(configuration);
  }

  @Override
  public Optional<java.nio.file.Path> local(String path) throws IOException {
    Path target = qualified(path);
    return target.toUri().getScheme().equals("file")
        ? Optional.of(java.nio.file.Path.of(target.toUri().getPath()))
        : Optional.empty();
  }

  private Path qualified(String path) throws IOException {
    return fileSystem(path).makeQualified(new Path(path));
  }

  private FileSystem fileSystem(String path) throws IOException {
    return new Path(path).getFileSystem(configuration.value());
  }

  @Override
  public List<String> list(String folder) throws IOException {
    try {
      return Arrays.stream(fileSystem(folder).listStatus(new Path(folder)))
          .map(status -> status.getPath().getName())
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  @Override
  public InputStream open(String path) throws IOException {
    return files.open(path);
  }

  @Override
  public LogFile create(String path) throws IOException {
    Optional<java.nio.file.Path> local = local(path);
    return local.isPresent()
        ? LOCAL.create(local.get().toString())
        : new Streamed(fileSystem(path).create(new Path(path), false));
  }

  @Override
  public void upload(java.nio.file.Path file, String path) throws IOException {
    try (CheckpointIO.PendingFile target = files.create(path)) {
      Files.copy(file, target.stream());
      target.commit();
    }
  }

  private record Streamed(FSDataOutputStream out) implements LogFile {
    @Override
    public void write(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    @Override
    public boolean isReadableWhileWritten() {
      return out.hasCapability(StreamCapabilities.HSYNC);
    }

    @Override
    public void flush() throws IOException {
      out.hflush();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}

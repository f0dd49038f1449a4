package io.fabric4j.loggers;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where loggers keep files. Paths are strings in the storage's own form, such as {@code
 * hdfs://host/logs/events}. Travels to rank 0, whose loggers use it from threads of their own.
 */
public interface LogStorage extends Serializable {

  /** Returns the path as one of the local file system, if that is where it leads. */
  Optional<Path> local(String path) throws IOException;

  /** Returns the names of files and folders directly in a folder; none if there is no folder. */
  List<String> list(String folder) throws IOException;

  /** Opens a file for reading from its start. */
  InputStream open(String path) throws IOException;

  /** Starts a new file. Missing parent folders are created. */
  LogFile create(String path) throws IOException;

  /** Puts a copy of a local file at the path, replacing an older one as a whole. */
  void upload(Path file, String path) throws IOException;
}

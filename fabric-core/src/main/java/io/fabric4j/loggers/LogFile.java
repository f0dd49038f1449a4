package io.fabric4j.loggers;

import java.io.Closeable;
import java.io.IOException;

/** A file that is being written. */
public interface LogFile extends Closeable {

  /** Appends bytes. */
  void write(byte[] bytes) throws IOException;

  /** Returns whether readers see what was flushed before the file is closed. */
  boolean isReadableWhileWritten();

  /** Lets readers see what was written, if they can before the file is closed. */
  void flush() throws IOException;
}

package io.fabric4j.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Moves the bytes of checkpoint files to and from a storage system. Paths are strings in the
 * storage's own form ({@code file:/data/run/step-100.safetensors}, {@code hdfs://...}).
 *
 * <p>Guarantees of an implementation:
 *
 * <ol>
 *   <li>A reader of a path sees either no file, the previous complete file, or the new complete
 *       file, never a part of one.
 *   <li>When {@link PendingFile#commit()} has returned, the file survives a crash of this process.
 *   <li>A pending file that is closed without commit leaves nothing behind.
 * </ol>
 */
public interface CheckpointIO {

  /**
   * Starts a file that becomes visible at {@code path} on commit. Missing parent folders are
   * created.
   *
   * @throws IOException if the folder cannot be written; the message names path and operation
   */
  PendingFile create(String path) throws IOException;

  /**
   * Opens a file for reading from its start.
   *
   * @throws java.io.FileNotFoundException if it does not exist
   * @throws IOException if it cannot be read
   */
  InputStream open(String path) throws IOException;

  /** Returns the length of a file in bytes. */
  long length(String path) throws IOException;

  /** Returns whether a file exists. */
  boolean exists(String path) throws IOException;

  /**
   * Returns the paths of the files directly in a folder, sorted, without those that are being
   * written; empty if there is no folder.
   */
  List<String> list(String folder) throws IOException;

  /** Deletes a file; nothing happens if it does not exist. */
  void delete(String path) throws IOException;

  /**
   * Fails if a file could not be created at the path: writes a small file beside it and removes it.
   * Missing parent folders are created and stay.
   *
   * @throws IOException saying what is not permitted or missing
   */
  void checkWritable(String path) throws IOException;

  /**
   * Deletes what killed writers left of files that were not committed, directly in a folder. Only
   * for a folder that nobody else writes to.
   */
  default void deletePending(String folder) throws IOException {}

  /**
   * Returns whether an operation that failed may succeed if it is repeated: the storage is out of
   * reach for a while, as opposed to a missing permission or a full quota. False if not known.
   */
  default boolean isTransient(IOException failure) {
    return false;
  }

  /** A file that is being written and is not yet visible. */
  interface PendingFile extends AutoCloseable {

    /** Returns the stream to write to; its close does not publish the file. */
    OutputStream stream();

    /** Makes the file durable and visible, replacing an older one of the same path. */
    void commit() throws IOException;

    /** Discards the file unless it has been committed. */
    @Override
    void close() throws IOException;
  }
}

package io.fabric4j.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one process of a host do what is of use to all. It only saves work: a process that does not
 * get the lock does the work too.
 */
public final class HostLock implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(HostLock.class);
  private static final long POLL_MILLIS = 20;

  /** Null if there is no need of the lock, or no way to it. */
  private final FileChannel channel;

  private HostLock(FileChannel channel) {
    this.channel = channel;
  }

  /**
   * Returns when this process has the lock, or has no need of it.
   *
   * @param file made if need be; it stays, for it may be locked by others
   * @param done whether the work has been done
   * @param patience how long to wait for a process that does it
   */
  public static HostLock acquire(Path file, BooleanSupplier done, Duration patience) {
    HostLock lock = new HostLock(done.getAsBoolean() ? null : open(file));
    lock.await(done, System.nanoTime() + patience.toNanos());
    return lock;
  }

  private static FileChannel open(Path file) {
    try {
      Files.createDirectories(file.getParent());
      return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      LOGGER.debug("Goes on without the lock {}: {}", file, e.toString());
      return null;
    }
  }

  private void await(BooleanSupplier done, long deadline) {
    try {
      while (channel != null
          && !done.getAsBoolean()
          && tryLock(channel) == null
          && System.nanoTime() < deadline) {
        Thread.sleep(POLL_MILLIS);
      }
    } catch (IOException e) {
      LOGGER.debug("Goes on without the lock: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // another class loader of this process has it
    }
  }

  @Override
  public void close() {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        LOGGER.debug("Cannot close a lock: {}", e.toString());
      }
    }
  }
}

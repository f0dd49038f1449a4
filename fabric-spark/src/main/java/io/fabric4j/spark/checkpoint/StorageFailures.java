package io.fabric4j.spark.checkpoint;

import io.fabric4j.checkpoint.DamagedCheckpointException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileSystemException;
import java.util.List;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.PathIOException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.security.token.SecretManager;

/** Tells failures of Hadoop file systems that pass from those that stay. */
final class StorageFailures {
  private static final String DISK_FULL = "No space left on device";

  /** All others, such as refused connections, timeouts and a name node in safe mode, may pass. */
  private static final List<Class<? extends IOException>> LASTING =
      List.of(
          AccessControlException.class,
          ClosedByInterruptException.class,
          ClusterStorageCapacityExceededException.class,
          DamagedCheckpointException.class,
          FileAlreadyExistsException.class,
          FileNotFoundException.class,
          FileSystemException.class,
          ParentNotDirectoryException.class,
          PathIOException.class,
          SecretManager.InvalidToken.class,
          UnsupportedFileSystemException.class);

  private StorageFailures() {}

  static boolean isTransient(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      Throwable unwrapped =
          cause instanceof RemoteException remote ? remote.unwrapRemoteException() : cause;
      if (isLasting(unwrapped)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLasting(Throwable failure) {
    boolean interrupted =
        failure instanceof InterruptedIOException && !(failure instanceof SocketTimeoutException);
    return interrupted
        || LASTING.stream().anyMatch(type -> type.isInstance(failure))
        || String.valueOf(failure.getMessage()).contains(DISK_FULL);
  }
}

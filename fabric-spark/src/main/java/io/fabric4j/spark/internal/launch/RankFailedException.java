package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import io.fabric4j.distributed.ProcessGroupException;
import java.io.NotSerializableException;
import java.util.Optional;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskEndReason;

/**
 * Tells the driver why a rank failed. Made in the task; Spark serializes it, and falls back on its
 * message where the cause's class is missing on the driver.
 */
final class RankFailedException extends FabricException {
  private static final long serialVersionUID = 1L;

  private final RankReport report;
  private final boolean peer;

  private RankFailedException(String message, Throwable cause, RankReport report, boolean peer) {
    super(message, cause);
    this.report = report;
    this.peer = peer;
  }

  static RankFailedException of(Throwable cause, String where, RankReport report) {
    return new RankFailedException(
        where + " failed: " + describe(cause), portable(cause), report, blamesPeer(cause));
  }

  private static boolean blamesPeer(Throwable cause) {
    return cause != null
        && (cause instanceof ProcessGroupException || blamesPeer(cause.getCause()));
  }

  /** The project's own messages need no type, and the rank that they may name is named already. */
  private static String describe(Throwable cause) {
    return cause instanceof FabricException
        ? cause.getMessage().replaceFirst("^\\[rank \\d+/\\d+] ", "")
        : cause.toString();
  }

  private static Throwable portable(Throwable cause) {
    try {
      ObjectBytes.encode(cause);
      return cause;
    } catch (NotSerializableException e) {
      FabricException copy = new FabricException(cause.toString());
      copy.setStackTrace(cause.getStackTrace());
      return copy;
    }
  }

  /** Returns the exception of a task, if it is one of this type and has reached the driver. */
  static Optional<RankFailedException> from(TaskEndReason reason) {
    return reason instanceof ExceptionFailure failure
            && failure.exception().isDefined()
            && failure.exception().get() instanceof RankFailedException e
        ? Optional.of(e)
        : Optional.empty();
  }

  /** Returns the rank's last report. */
  RankReport report() {
    return report;
  }

  /** Returns whether another rank is to blame. */
  boolean isPeerFailure() {
    return peer;
  }

  /** Returns how messages name a rank. */
  static String where(int rank, int ranks, String host) {
    return "[rank " + rank + "/" + ranks + "] on " + host;
  }
}

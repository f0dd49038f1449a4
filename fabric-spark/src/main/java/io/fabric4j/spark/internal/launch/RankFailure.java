package io.fabric4j.spark.internal.launch;

import java.util.Optional;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;

/**
 * How a rank's task failed.
 *
 * @param attempt stage attempt, from 0
 * @param cause the rank's exception, null if it did not reach the driver
 */
record RankFailure(int attempt, Kind kind, String message, Throwable cause) {

  /** Who is to blame; a later kind explains a launch's failure better than an earlier one. */
  enum Kind {
    /** Spark ended the task, because of another one or because the job was cancelled. */
    KILLED,
    /** Another rank failed, or made other calls. */
    PEER,
    /** The executor or its shuffle data is gone. Spark may run the stage again. */
    LOST,
    /** The rank's own code failed. */
    OWN
  }

  static RankFailure of(int attempt, int rank, int ranks, String host, TaskEndReason reason) {
    String where = RankFailedException.where(rank, ranks, host);
    Optional<RankFailedException> exception = RankFailedException.from(reason);
    if (exception.isPresent()) {
      RankFailedException e = exception.get();
      Kind kind = e.isPeerFailure() ? Kind.PEER : Kind.OWN;
      return new RankFailure(attempt, kind, e.getMessage(), e.getCause());
    }
    if (reason instanceof ExceptionFailure failure) {
      return new RankFailure(attempt, kind(failure), message(where, failure), null);
    }
    return new RankFailure(
        attempt,
        reason instanceof TaskKilled ? Kind.KILLED : Kind.LOST,
        where + " was lost: " + firstLine(reason),
        null);
  }

  /** A failure outside the rank's code, such as running out of memory, ends the executor. */
  private static Kind kind(ExceptionFailure failure) {
    return isRankFailure(failure) ? Kind.OWN : Kind.LOST;
  }

  private static String message(String where, ExceptionFailure failure) {
    return isRankFailure(failure)
        ? failure.description()
        : where + " failed: " + failure.className() + ": " + failure.description();
  }

  private static boolean isRankFailure(ExceptionFailure failure) {
    return failure.className().equals(RankFailedException.class.getName());
  }

  private static String firstLine(TaskEndReason reason) {
    return reason instanceof TaskFailedReason failed
        ? failed.toErrorString().lines().findFirst().orElse("")
        : reason.toString();
  }
}

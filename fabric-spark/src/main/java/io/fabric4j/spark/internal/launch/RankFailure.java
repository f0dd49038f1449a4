package io.fabric4j.spark.internal.launch;

import io.fabric4j.FabricException;
import java.util.List;
import java.util.Optional;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.TaskEndReason;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;

/**
 * How a rank's task failed.
 *
 * @param attempt stage attempt, from 0
 * @param rank the rank
 * @param cause the rank's exception, null if it did not reach the driver
 * @param log the last lines of the rank's log
 */
record RankFailure(
    int attempt, int rank, Kind kind, String message, Throwable cause, List<String> log) {

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
      return new RankFailure(attempt, rank, kind, e.getMessage(), e.getCause(), List.of());
    }
    if (reason instanceof ExceptionFailure failure) {
      return new RankFailure(
          attempt, rank, kind(failure), message(where, failure), null, List.of());
    }
    return new RankFailure(
        attempt,
        rank,
        reason instanceof TaskKilled ? Kind.KILLED : Kind.LOST,
        where + " was lost: " + firstLine(reason),
        null,
        List.of());
  }

  RankFailure withLog(List<String> lines) {
    return new RankFailure(attempt, rank, kind, message, cause, lines);
  }

  /** Returns the exception of the launch, caused by the rank's or else by the job's. */
  FabricException toException(Throwable jobFailure) {
    FabricException exception = new FabricException(message, cause == null ? jobFailure : cause);
    if (!log.isEmpty()) {
      exception.addSuppressed(new RankLogExcerpt(rank, log));
    }
    return exception;
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

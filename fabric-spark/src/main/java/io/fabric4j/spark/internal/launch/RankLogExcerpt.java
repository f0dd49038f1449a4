package io.fabric4j.spark.internal.launch;

import java.util.List;

/**
 * The last log lines of a rank that failed, suppressed in the exception of the launch: a stack
 * trace shows them below the message, which stays short.
 */
final class RankLogExcerpt extends Exception {
  private static final long serialVersionUID = 1L;

  RankLogExcerpt(int rank, List<String> lines) {
    super(
        "The last log lines of rank " + rank + ":\n  " + String.join("\n  ", lines),
        null,
        false,
        false);
  }
}

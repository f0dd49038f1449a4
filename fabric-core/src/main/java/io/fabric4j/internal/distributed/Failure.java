package io.fabric4j.internal.distributed;

import io.fabric4j.distributed.ProcessGroupException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Why a group has ended. The text reads the same on every rank.
 *
 * @param text what happened and where to look
 * @param cause the exception on this rank, or null
 */
record Failure(String text, Throwable cause) {
  private static final int MAX_CHARACTERS = 5000;
  private static final String SAME_CALLS =
      " Every rank must make the same collective calls in the same order.";

  static Failure closed(Roster roster, int peer) {
    return new Failure(roster.name(peer) + " closed its connection." + lookAt(peer), null);
  }

  static Failure broken(Roster roster, int peer, ProtocolException cause) {
    return new Failure(
        roster.name(peer) + " sent what no rank sends: " + cause.getMessage() + "." + lookAt(peer),
        cause);
  }

  static Failure silent(Roster roster, int peer, Duration timeout) {
    return new Failure(
        roster.name(peer)
            + " has been silent for "
            + seconds(timeout)
            + ": its process is stopped or its host unreachable."
            + lookAt(peer),
        null);
  }

  static Failure left(Roster roster, int peer, Call call) {
    return new Failure(
        roster.name(peer) + " left the group before " + call.describe() + "." + SAME_CALLS, null);
  }

  static Failure late(Roster roster, int peer, Call call, Duration timeout) {
    return new Failure(
        roster.name(peer)
            + " did not join "
            + call.describe()
            + " within "
            + seconds(timeout)
            + "."
            + SAME_CALLS
            + lookAt(peer),
        null);
  }

  static Failure mismatch(Roster roster, Call mine, int peer, Call theirs) {
    return new Failure(
        roster.name(roster.rank())
            + " called "
            + mine.describe()
            + ", but "
            + roster.name(peer)
            + " called "
            + theirs.describe()
            + "."
            + SAME_CALLS,
        null);
  }

  static Failure interrupted(Roster roster) {
    return new Failure(roster.name(roster.rank()) + " was interrupted.", null);
  }

  static Failure reported(Roster roster, Throwable cause) {
    String what = cause.toString();
    return new Failure(
        roster.name(roster.rank())
            + " reported "
            + what
            + (what.endsWith(".") ? "" : ".")
            + lookAt(roster.rank()),
        cause);
  }

  /** Returns the text in a form that another rank can {@link #decode}. */
  byte[] encode() {
    String head = text.length() > MAX_CHARACTERS ? text.substring(0, MAX_CHARACTERS) : text;
    return head.getBytes(StandardCharsets.UTF_8);
  }

  static Failure decode(ByteBuffer bytes) {
    return new Failure(StandardCharsets.UTF_8.decode(bytes).toString(), null);
  }

  ProcessGroupException toException(Roster roster, Call call) {
    String number = call.operation() == Operation.JOIN ? "" : " call #" + call.number();
    return new ProcessGroupException(
        roster.prefix() + " " + call.operation() + number + " failed: " + text, cause);
  }

  private static String lookAt(int peer) {
    return " Look at the log of rank " + peer + " first.";
  }

  static String seconds(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}

package io.fabric4j.internal.distributed;

import java.util.List;

/**
 * Who is in the group, for messages.
 *
 * @param rank this rank
 * @param addresses {@code host:port} of every rank
 */
record Roster(int rank, List<String> addresses) {

  int size() {
    return addresses.size();
  }

  /** Returns {@code [rank 3/8]}. */
  String prefix() {
    return "[rank " + rank + "/" + size() + "]";
  }

  /** Returns {@code rank 5 (10.0.0.7:41233)}. */
  String name(int peer) {
    return "rank " + peer + " (" + addresses.get(peer) + ")";
  }
}

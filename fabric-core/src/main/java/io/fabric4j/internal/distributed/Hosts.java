package io.fabric4j.internal.distributed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which ranks share memory, in the order of each host's lowest rank, which is its leader. A rank
 * without neighbours is a host of its own.
 *
 * @param ranks the ranks of each host, ascending
 */
record Hosts(List<List<Integer>> ranks) {

  /** Returns hosts of one rank each. */
  static Hosts apart(int size) {
    List<List<Integer>> hosts = new ArrayList<>();
    for (int rank = 0; rank < size; rank++) {
      hosts.add(List.of(rank));
    }
    return new Hosts(hosts);
  }

  /**
   * Groups ranks that see the same.
   *
   * @param visible for each rank the ranks whose memory it sees
   */
  static Hosts of(List<BitSet> visible) {
    List<List<Integer>> hosts = new ArrayList<>();
    for (int rank = 0; rank < visible.size(); rank++) {
      List<Integer> host = find(hosts, visible, rank);
      host.add(rank);
    }
    return new Hosts(hosts);
  }

  private static List<Integer> find(List<List<Integer>> hosts, List<BitSet> visible, int rank) {
    for (List<Integer> host : hosts) {
      int leader = host.get(0);
      if (visible.get(leader).get(rank) && visible.get(leader).equals(visible.get(rank))) {
        return host;
      }
    }
    List<Integer> host = new ArrayList<>();
    hosts.add(host);
    return host;
  }

  int count() {
    return ranks.size();
  }

  int leader(int host) {
    return ranks.get(host).get(0);
  }

  /** Returns the index of a rank's host. */
  int hostOf(int rank) {
    for (int host = 0; host < ranks.size(); host++) {
      if (ranks.get(host).contains(rank)) {
        return host;
      }
    }
    throw new IllegalArgumentException("No rank " + rank);
  }

  /** Returns the ranks of the largest host. */
  int largest() {
    return ranks.stream().mapToInt(List::size).max().orElse(0);
  }
}

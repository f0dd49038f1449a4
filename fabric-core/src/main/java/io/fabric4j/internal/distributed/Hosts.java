package io.fabric4j.internal.distributed;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which ranks share memory, in the order of each host's lowest rank, which is its leader. A rank
 * without neighbours is a host of its own.
 */
final class Hosts {
  private final List<List<Integer>> ranks;
  private final int[] hostOf;
  private final int[] position;

  private Hosts(List<List<Integer>> ranks, int size) {
    this.ranks = ranks;
    hostOf = new int[size];
    position = new int[size];
    for (int host = 0; host < ranks.size(); host++) {
      for (int i = 0; i < ranks.get(host).size(); i++) {
        hostOf[ranks.get(host).get(i)] = host;
        position[ranks.get(host).get(i)] = i;
      }
    }
  }

  /** Returns hosts of one rank each. */
  static Hosts apart(int size) {
    return new Hosts(IntStream.range(0, size).mapToObj(List::of).toList(), size);
  }

  /**
   * Groups ranks that see the same.
   *
   * @param visible for each rank the ranks whose memory it sees
   */
  static Hosts of(List<BitSet> visible) {
    List<List<Integer>> hosts = new ArrayList<>();
    for (int rank = 0; rank < visible.size(); rank++) {
      BitSet seen = visible.get(rank);
      Optional<List<Integer>> known =
          hosts.stream()
              .filter(host -> seen.get(host.get(0)) && seen.equals(visible.get(host.get(0))))
              .findFirst();
      if (known.isPresent()) {
        known.get().add(rank);
      } else {
        hosts.add(new ArrayList<>(List.of(rank)));
      }
    }
    return new Hosts(hosts, visible.size());
  }

  int count() {
    return ranks.size();
  }

  /** Returns the ranks of a host, ascending. */
  List<Integer> ranks(int host) {
    return ranks.get(host);
  }

  /** Returns the leader of each host. */
  List<Integer> leaders() {
    return ranks.stream().map(host -> host.get(0)).toList();
  }

  /** Returns a rank's host. */
  int hostOf(int rank) {
    return hostOf[rank];
  }

  /** Returns which of its host's ranks a rank is. */
  int position(int rank) {
    return position[rank];
  }

  /** Returns the number of ranks of the largest host. */
  int largest() {
    return ranks.stream().mapToInt(List::size).max().orElse(0);
  }
}

package io.fabric4j.distributed;

import java.util.ArrayList;
import java.util.List;

/**
 * The place of one rank in the world, with Lightning's terms.
 *
 * @param globalRank 0 to {@code worldSize - 1}
 * @param worldSize number of ranks
 * @param localRank position among the ranks of the same host
 * @param localWorldSize number of ranks on the same host
 * @param nodeRank position of the host, in order of first appearance by global rank
 * @param nodes number of hosts
 * @param host the host's name or address
 */
public record RankInfo(
    int globalRank,
    int worldSize,
    int localRank,
    int localWorldSize,
    int nodeRank,
    int nodes,
    String host) {

  /** The only rank of a world of one. */
  public static RankInfo single() {
    return of(0, List.of("localhost"));
  }

  /**
   * Derives the place of a rank from the hosts of all ranks.
   *
   * @param globalRank the rank
   * @param hosts the host of each rank, in rank order
   * @throws IllegalArgumentException if the rank lies outside the world
   */
  public static RankInfo of(int globalRank, List<String> hosts) {
    if (globalRank < 0 || globalRank >= hosts.size()) {
      throw new IllegalArgumentException(
          "Rank "
              + globalRank
              + " lies outside a world of "
              + hosts.size()
              + " ranks. Ranks go from 0 to "
              + (hosts.size() - 1)
              + ".");
    }
    String host = hosts.get(globalRank);
    List<String> nodes = new ArrayList<>();
    int localRank = 0;
    int localWorldSize = 0;
    for (int rank = 0; rank < hosts.size(); rank++) {
      if (!nodes.contains(hosts.get(rank))) {
        nodes.add(hosts.get(rank));
      }
      if (hosts.get(rank).equals(host)) {
        localWorldSize++;
        localRank += rank < globalRank ? 1 : 0;
      }
    }
    return new RankInfo(
        globalRank,
        hosts.size(),
        localRank,
        localWorldSize,
        nodes.indexOf(host),
        nodes.size(),
        host);
  }

  /** Returns whether this is rank 0. */
  public boolean isGlobalZero() {
    return globalRank == 0;
  }

  /** Returns {@code [rank 1/4]}, the prefix of messages of this rank. */
  public String prefix() {
    return "[rank " + globalRank + "/" + worldSize + "]";
  }
}

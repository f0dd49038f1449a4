package io.fabric4j.internal.distributed;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/** Ranks of a mesh that do something together, such as those of one host. */
final class Team {
  private final Mesh mesh;
  private final List<Integer> ranks;
  private final int index;
  private final int[] othersFromNext;

  /**
   * Creates a team that this rank belongs to.
   *
   * @param ranks the members, equal on all of them
   */
  Team(Mesh mesh, List<Integer> ranks) {
    this.mesh = mesh;
    this.ranks = List.copyOf(ranks);
    index = ranks.indexOf(mesh.rank());
    othersFromNext =
        IntStream.range(1, ranks.size()).map(i -> (index + i) % ranks.size()).toArray();
  }

  /** Returns the team of all ranks: index and rank are the same. */
  static Team all(Mesh mesh) {
    return new Team(mesh, IntStream.range(0, mesh.size()).boxed().toList());
  }

  Mesh mesh() {
    return mesh;
  }

  int size() {
    return ranks.size();
  }

  /** Returns this rank's place in the team. */
  int index() {
    return index;
  }

  /** Returns the rank of a member. */
  int rank(int member) {
    return ranks.get(member);
  }

  /** Returns the other members, the next one first, so that not all call on one at a time. */
  int[] othersFromNext() {
    return othersFromNext;
  }

  /** Returns whether all members say yes. Every member learns the same. */
  boolean agree(PendingCall pending, boolean yes) {
    for (int other : othersFromNext) {
      mesh.send(pending, rank(other), ByteBuffer.allocate(1).put(0, (byte) (yes ? 1 : 0)));
    }
    boolean all = yes;
    for (int other : othersFromNext) {
      try (Frame frame = mesh.receive(pending, rank(other))) {
        all &= frame.bytes().get() == 1;
      }
    }
    return all;
  }
}

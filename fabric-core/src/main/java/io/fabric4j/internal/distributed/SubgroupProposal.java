package io.fabric4j.internal.distributed;

import io.fabric4j.FabricException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * What one rank of the parent asks for when a subgroup is made. All ranks see all proposals and
 * come to the same verdict.
 *
 * @param ranks the members, as ranks of the parent
 * @param endpoint where the rank listens; empty on ranks that are no members
 * @param failure why the rank cannot listen; empty if it can
 */
record SubgroupProposal(ArrayList<Integer> ranks, String endpoint, String failure)
    implements Serializable {

  /** Returns whether the list could be that of a subgroup. */
  static boolean isValid(List<Integer> ranks, int size) {
    return !ranks.isEmpty()
        && ranks.stream().allMatch(rank -> rank != null && rank >= 0 && rank < size)
        && new HashSet<>(ranks).size() == ranks.size();
  }

  /** Throws the same exception on every rank unless all propose one valid list and can listen. */
  static void requireAgreement(List<SubgroupProposal> proposals) {
    List<Integer> ranks = proposals.get(0).ranks();
    for (int rank = 1; rank < proposals.size(); rank++) {
      if (!proposals.get(rank).ranks().equals(ranks)) {
        throw new IllegalArgumentException(
            String.format(
                "subgroup was called with %s on rank 0 and with %s on rank %d. Every rank of the"
                    + " group must pass the same list.",
                ranks, proposals.get(rank).ranks(), rank));
      }
    }
    if (!isValid(ranks, proposals.size())) {
      throw new IllegalArgumentException(
          String.format(
              "%s are not the ranks of a subgroup. Name at least one rank from 0 to %d, each once.",
              ranks, proposals.size() - 1));
    }
    for (int rank = 0; rank < proposals.size(); rank++) {
      if (!proposals.get(rank).failure().isEmpty()) {
        throw new FabricException(
            "Rank " + rank + " cannot join the subgroup: " + proposals.get(rank).failure());
      }
    }
  }
}
